;; Functions that a named component exports are importable under its name: a call goes to
;; the other instance, which has a store of its own, and its trap comes back. Functions with
;; resources in their types can't leave their store.
;; Spec: CanonicalABI.md#embedding

(component $counter
  (core module $m
    (import "" "return" (func $return (param i32)))
    (global $n (mut i32) (i32.const 0))
    (func (export "add") (param i32) (result i32)
      (global.set $n (i32.add (global.get $n) (local.get 0)))
      (global.get $n))
    (func (export "later") (param i32) (call $return (i32.add (global.get $n) (local.get 0))))
    (func (export "boom") unreachable))
  (canon task.return (result u32) (core func $return))
  (core instance $i (instantiate $m (with "" (instance (export "return" (func $return))))))
  (type $r (resource (rep i32)))
  (export $r' "r" (type $r))
  (core func $new (canon resource.new $r))
  (func (export "make") (param "rep" u32) (result (own $r')) (canon lift (core func $new)))
  (func (export "boom") (canon lift (core func $i "boom")))
  (func (export "later") async (param "n" u32) (result u32) (canon lift (core func $i "later") async))
  (func (export "add") (param "n" u32) (result u32) (canon lift (core func $i "add"))))

(component $user
  (import "counter" (instance $counter
    (export "add" (func (param "n" u32) (result u32)))
    (export "later" (func async (param "n" u32) (result u32)))
    (export "boom" (func))))
  (core func $add (canon lower (func $counter "add")))
  (core func $boom (canon lower (func $counter "boom")))
  (core func $later (canon lower (func $counter "later")))
  (core module $m
    (import "" "add" (func $add (param i32) (result i32)))
    (import "" "later" (func $later (param i32) (result i32)))
    (import "" "boom" (func $boom))
    (func (export "twice") (param i32) (result i32)
      (drop (call $add (local.get 0)))
      (call $add (local.get 0)))
    (func (export "later") (param i32) (result i32) (call $later (local.get 0)))
    (func (export "boom") (call $boom)))
  (core instance $i (instantiate $m (with "" (instance
    (export "add" (func $add)) (export "later" (func $later)) (export "boom" (func $boom))))))
  (func (export "twice") (param "n" u32) (result u32) (canon lift (core func $i "twice")))
  (func (export "later") async (param "n" u32) (result u32) (canon lift (core func $i "later")))
  (func (export "boom") (canon lift (core func $i "boom"))))

(assert_return (invoke "twice" (u32.const 5)) (u32.const 10))
(assert_return (invoke $counter "add" (u32.const 1)) (u32.const 11))
(assert_return (invoke $user "later" (u32.const 100)) (u32.const 111))
(assert_trap (invoke $user "boom") "unreachable")
(assert_trap (invoke $counter "add" (u32.const 1)) "cannot enter component instance")
(assert_trap (invoke $user "twice" (u32.const 1)) "cannot enter component instance")

(assert_unlinkable
  (component (import "counter" (instance (export "add" (func (param "n" u64) (result u32))))))
  "type mismatch")
(assert_unlinkable
  (component (import "counter" (instance (export "add" (func async (param "n" u32) (result u32))))))
  "type mismatch")
(assert_unlinkable
  (component (import "counter" (instance
    (export "r" (type $r (sub resource)))
    (export "make" (func (param "rep" u32) (result (own $r)))))))
  "was not found")
