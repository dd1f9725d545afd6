;; error-context 📝: a message that is written down and may get lost, and a handle that
;; travels like a value.
;; Spec: CanonicalABI.md#-canon-error-contextnew

(component definition $C
  ;; A message is what was written, or empty.
  (core module $libc
    (memory (export "mem") 1)
    (data (i32.const 0x10) "too late")
    (global $top (mut i32) (i32.const 0x100))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $top)))
  (core instance $libc (instantiate $libc))
  (canon error-context.new (memory (core memory $libc "mem")) (core func $new))
  (canon error-context.debug-message (memory (core memory $libc "mem")) (realloc (core func $libc "realloc"))
    (core func $message))
  (canon error-context.drop (core func $drop))
  (core module $m
    (import "" "mem" (memory 1))
    (import "" "new" (func $new (param i32 i32) (result i32)))
    (import "" "message" (func $message (param i32 i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "round") (result i32)
      (local $e i32)
      (local.set $e (call $new (i32.const 0x10) (i32.const 8)))
      (i32.store (i32.const 0) (i32.const -1))
      (i32.store (i32.const 4) (i32.const -1))
      (call $message (local.get $e) (i32.const 0))
      (call $drop (local.get $e))
      (if (i32.eqz (i32.load (i32.const 4))) (then (return (i32.const 42))))
      (if (i32.ne (i32.load (i32.const 4)) (i32.const 8)) (then unreachable))
      (if (i32.ne (i32.load (i32.const 0)) (i32.const 0x100)) (then unreachable))
      (if (i64.ne (i64.load (i32.const 0x100)) (i64.load (i32.const 0x10))) (then unreachable))
      (i32.const 42))
    (func (export "dropped")
      (local $e i32)
      (local.set $e (call $new (i32.const 0x10) (i32.const 8)))
      (call $drop (local.get $e))
      (call $message (local.get $e) (i32.const 0)))
    ;; the place for the string needs no alignment
    (func (export "unaligned") (result i32)
      (i32.store (i32.const 6) (i32.const -1))
      (call $message (call $new (i32.const 0x10) (i32.const 0)) (i32.const 2))
      (i32.load (i32.const 6)))
    (func (export "outside")
      (call $message (call $new (i32.const 0x10) (i32.const 8)) (i32.const 0xfffc)))
    (func (export "none") (call $drop (i32.const 1))))
  (core instance $i (instantiate $m (with "" (instance
    (export "mem" (memory $libc "mem"))
    (export "new" (func $new)) (export "message" (func $message)) (export "drop" (func $drop))))))
  (func (export "round") (result u32) (canon lift (core func $i "round")))
  (func (export "dropped") (canon lift (core func $i "dropped")))
  (func (export "unaligned") (result u32) (canon lift (core func $i "unaligned")))
  (func (export "outside") (canon lift (core func $i "outside")))
  (func (export "none") (canon lift (core func $i "none"))))
(component instance $i $C)
(assert_return (invoke "round") (u32.const 42))
(assert_return (invoke "round") (u32.const 42))
(assert_trap (invoke "dropped") "unknown handle index 1")
(component instance $i $C)
(assert_return (invoke "unaligned") (u32.const 0))
(assert_trap (invoke "outside") "out of bounds")
(component instance $i $C)
(assert_trap (invoke "none") "unknown handle index 1")

;; Handing one on lends nothing: sender and receiver have a handle each, and drop it.
(component
  (component $Take
    (canon error-context.drop (core func $drop))
    (core module $m
      (import "" "drop" (func $drop (param i32)))
      (func (export "take") (param i32) (result i32) (call $drop (local.get 0)) (local.get 0)))
    (core instance $i (instantiate $m (with "" (instance (export "drop" (func $drop))))))
    (func (export "take") (param "e" error-context) (result u32) (canon lift (core func $i "take"))))
  (instance $take (instantiate $Take))
  (component $Give
    (import "take" (func $take (param "e" error-context) (result u32)))
    (core module $libc (memory (export "mem") 1))
    (core instance $libc (instantiate $libc))
    (canon error-context.new (memory (core memory $libc "mem")) (core func $new))
    (canon error-context.drop (core func $drop))
    (canon lower (func $take) (core func $take'))
    (core module $m
      (import "" "new" (func $new (param i32 i32) (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (import "" "take" (func $take (param i32) (result i32)))
      (func (export "run") (result i32)
        (local $e i32)
        (drop (call $new (i32.const 0) (i32.const 0)))
        (local.set $e (call $new (i32.const 0) (i32.const 0)))
        (if (i32.ne (local.get $e) (i32.const 2)) (then unreachable))
        (if (i32.ne (call $take (local.get $e)) (i32.const 1)) (then unreachable))
        (if (i32.ne (call $take (local.get $e)) (i32.const 1)) (then unreachable))
        (call $drop (local.get $e))
        (call $new (i32.const 0) (i32.const 0))))
    (core instance $i (instantiate $m (with "" (instance
      (export "new" (func $new)) (export "drop" (func $drop)) (export "take" (func $take'))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $give (instantiate $Give (with "take" (func $take "take"))))
  (export "run" (func $give "run")))
(assert_return (invoke "run") (u32.const 2))

;; The built-ins need a memory, and those that make a message in it realloc.
(assert_invalid
  (component (core func (canon error-context.new)))
  "memory")
(assert_invalid
  (component
    (core module $m (memory (export "mem") 1))
    (core instance $i (instantiate $m))
    (core func (canon error-context.debug-message (memory (core memory $i "mem")))))
  "realloc")
