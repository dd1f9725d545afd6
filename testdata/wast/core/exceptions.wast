;; Exceptions go through core instances of one component. Out of it they are traps, and
;; nobody outside can catch them. The two wordings are Wasmtime's.
;; Spec: CanonicalABI.md#canon-lift (definitions.py call_and_trap_on_throw)

(component
  (core module $tags (tag (export "t") (param i32 i64)))
  (core instance $tags (instantiate $tags))
  (core module $thrower
    (import "tags" "t" (tag $t (param i32 i64)))
    (tag $private)
    (func (export "throw") (param i32)
      (if (i32.eqz (local.get 0)) (then (throw $private)))
      (throw $t (local.get 0) (i64.const 5))))
  (core instance $thrower (instantiate $thrower (with "tags" (instance $tags))))
  ;; lets them through
  (core module $between
    (import "thrower" "throw" (func $throw (param i32)))
    (table (export "table") 1 funcref)
    (elem (i32.const 0) $indirect)
    (func $indirect (param i32) (call $throw (i32.add (local.get 0) (i32.const 1)))))
  (core instance $between (instantiate $between (with "thrower" (instance $thrower))))
  (core module $catcher
    (type $f (func (param i32)))
    (import "tags" "t" (tag $t (param i32 i64)))
    (import "thrower" "throw" (func $throw (param i32)))
    (import "between" "table" (table $table 1 funcref))
    ;; locals that are assigned before the throw keep their values
    (func (export "catch") (param $x i32) (result i32)
      (local $n i32)
      (block $other
        (block $t (result i32 i64)
          (try_table (catch $t $t) (catch_all $other)
            (local.set $n (i32.const 100))
            (call_indirect $table (type $f) (local.get $x) (i32.const 0))
            (local.set $n (i32.const 200)))
          (unreachable))
        (i32.wrap_i64) (i32.add) (i32.add (local.get $n)) (return))
      (i32.const -1))
    (func (export "catch-all") (result i32)
      (block $all (result exnref)
        (try_table (catch_all_ref $all) (call $throw (i32.const 0)))
        (unreachable))
      (drop)
      (i32.const 7))
    (func (export "let-out") (call $throw (i32.const 9))))
  (core instance $catcher (instantiate $catcher
    (with "tags" (instance $tags)) (with "thrower" (instance $thrower)) (with "between" (instance $between))))
  (func (export "catch") (param "x" u32) (result u32) (canon lift (core func $catcher "catch")))
  (func (export "catch-all") (result u32) (canon lift (core func $catcher "catch-all")))
  (func (export "let-out") (canon lift (core func $catcher "let-out"))))

(assert_return (invoke "catch" (u32.const 1)) (u32.const 107))
(assert_return (invoke "catch-all") (u32.const 7))
(assert_trap (invoke "let-out") "thrown Wasm exception")

;; No handler of another component instance catches anything.
(component definition $Siblings
  (component $A
    (core module $m (tag $t) (func (export "f") (throw $t)))
    (core instance $m (instantiate $m))
    (func (export "f") (canon lift (core func $m "f"))))
  (component $B
    (import "f" (func $f))
    (core func $f' (canon lower (func $f)))
    (core module $m
      (import "" "f" (func $f))
      (tag $t)
      (func (export "run") (result i32)
        (block $caught
          (try_table (catch $t $caught) (catch_all $caught) (call $f))
          (return (i32.const 1)))
        (i32.const 2)))
    (core instance $m (instantiate $m (with "" (instance (export "f" (func $f'))))))
    (func (export "run") (result u32) (canon lift (core func $m "run"))))
  (instance $a (instantiate $A))
  (instance $b (instantiate $B (with "f" (func $a "f"))))
  (export "run" (func $b "run")))
(component instance $s $Siblings)
(assert_trap (invoke "run") "uncaught exception propagated out of component")

;; A start function that throws.
(assert_trap
  (component
    (core module $m (tag $t) (func $f (throw $t)) (start $f))
    (core instance $m (instantiate $m)))
  "thrown Wasm exception")

;; A realloc and a post-return that throw.
(component definition $Helpers
  (core module $m
    (tag $t)
    (memory (export "mem") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (throw $t))
    (func (export "take") (param i32 i32))
    (func (export "give") (result i32) (i32.const 1))
    (func (export "after") (param i32) (throw $t)))
  (core instance $m (instantiate $m))
  (func (export "take") (param "s" string) (canon lift (core func $m "take") (memory (core memory $m "mem")) (realloc (core func $m "realloc"))))
  (func (export "give") (result u32) (canon lift (core func $m "give") (post-return (core func $m "after")))))
(component instance $h $Helpers)
(assert_trap (invoke "take" (str.const "a")) "thrown Wasm exception")
(component instance $h $Helpers)
(assert_trap (invoke "give") "thrown Wasm exception")
