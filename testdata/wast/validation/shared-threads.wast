;; thread.spawn-ref, thread.spawn-indirect and thread.available-parallelism 🧵②. Their
;; types are checked. At run time there is one processor, and nothing is spawned: a
;; component that asks for it is refused when it is instantiated.
;; Spec: CanonicalABI.md#-canon-threadspawn-ref

(component definition
  (core type $start (shared (func (param i32))))
  (core module $libc (table (export "t") shared 1 (ref null (shared func))))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "t" (core table $t))
  (canon thread.spawn-ref shared $start (core func $ref))
  (canon thread.spawn-indirect shared $start (core table $t) (core func $indirect)))

;; a start function takes what it is given, and gives nothing
(assert_invalid
  (component
    (core type $start (shared (func)))
    (canon thread.spawn-ref shared $start (core func)))
  "start function")
(assert_invalid
  (component
    (core type $start (shared (func (param i32) (result i32))))
    (canon thread.spawn-ref shared $start (core func)))
  "start function")
(assert_invalid
  (component
    (core type $start (func (param i32)))
    (canon thread.spawn-ref shared $start (core func)))
  "shared")

(component
  (core module $m
    (import "" "n" (func $n (result i32)))
    (func (export "n") (result i32) (call $n)))
  (canon thread.available-parallelism (core func $n))
  (core instance $i (instantiate $m (with "" (instance (export "n" (func $n))))))
  (func (export "n") (result u32) (canon lift (core func $i "n"))))
(assert_return (invoke "n") (u32.const 1))
