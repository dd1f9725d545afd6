;; thread.suspend-then-promote and thread.yield-then-promote 🧵: a thread that is ready is
;; switched to at once, past all others that are ready; one that is not ready is left
;; alone, and the caller only suspends or yields.
;; Spec: CanonicalABI.md#-canon-threadsuspend-then-promote

(component definition $C
  (core module $libc (table (export "table") 4 funcref))
  (core instance $libc (instantiate $libc))
  (core type $start (func (param i32)))
  (alias core export $libc "table" (core table $table))
  (canon thread.new-indirect $start (core table $table) (core func $new))
  (canon thread.index (core func $index))
  (canon thread.resume-later (core func $later))
  (canon thread.suspend-then-promote (core func $suspend-promote))
  (canon thread.yield-then-promote (core func $yield-promote))
  (core module $m
    (import "" "table" (table 4 funcref))
    (import "" "new" (func $new (param i32 i32) (result i32)))
    (import "" "index" (func $index (result i32)))
    (import "" "later" (func $later (param i32)))
    (import "" "suspend-promote" (func $suspend-promote (param i32) (result i32)))
    (import "" "yield-promote" (func $yield-promote (param i32) (result i32)))
    (elem (i32.const 0) func $note $wake $stay)

    ;; who ran, as decimal digits
    (global $ran (mut i32) (i32.const 0))
    (func $run (param i32)
      (global.set $ran (i32.add (i32.mul (global.get $ran) (i32.const 10)) (local.get 0))))
    (func $note (param i32) (call $run (local.get 0)))
    ;; notes 9 and lets a thread that is suspended go on
    (func $wake (param i32) (call $run (i32.const 9)) (call $later (local.get 0)))
    (func $stay (param i32) (call $run (local.get 0)))

    ;; Of three threads that are ready, the promoted one runs first.
    (func (export "yield-first") (result i32)
      (local $t1 i32) (local $t2 i32) (local $t3 i32)
      (local.set $t1 (call $new (i32.const 0) (i32.const 1)))
      (local.set $t2 (call $new (i32.const 0) (i32.const 2)))
      (local.set $t3 (call $new (i32.const 0) (i32.const 3)))
      (call $later (local.get $t1))
      (call $later (local.get $t2))
      (call $later (local.get $t3))
      (if (call $yield-promote (local.get $t3)) (then unreachable))
      ;; whatever came after it
      (loop $head
        (if (i32.gt_u (global.get $ran) (i32.const 9)) (then
          (global.set $ran (i32.div_u (global.get $ran) (i32.const 10)))
          (br $head))))
      (global.get $ran))

    ;; The promoted thread wakes the one that suspended.
    (func (export "suspend-first") (result i32)
      (local $t1 i32) (local $t2 i32)
      (local.set $t1 (call $new (i32.const 0) (i32.const 1)))
      (local.set $t2 (call $new (i32.const 1) (call $index)))
      (call $later (local.get $t1))
      (call $later (local.get $t2))
      (if (call $suspend-promote (local.get $t2)) (then unreachable))
      (loop $head
        (if (i32.gt_u (global.get $ran) (i32.const 9)) (then
          (global.set $ran (i32.div_u (global.get $ran) (i32.const 10)))
          (br $head))))
      (global.get $ran))

    ;; A thread that was never resumed is not ready: promoting it starts nothing.
    (func (export "not-ready") (result i32)
      (local $t1 i32)
      (local.set $t1 (call $new (i32.const 2) (i32.const 5)))
      (if (call $yield-promote (local.get $t1)) (then unreachable))
      (call $later (call $new (i32.const 1) (call $index)))
      (if (call $suspend-promote (local.get $t1)) (then unreachable))
      (global.get $ran))

    ;; Nor is the running thread.
    (func (export "itself") (result i32)
      (if (call $yield-promote (call $index)) (then unreachable))
      (i32.const 42))

    (func (export "unknown") (drop (call $yield-promote (i32.const 77))))
    (func (export "unknown-suspend") (drop (call $suspend-promote (i32.const 77)))))
  (core instance $i (instantiate $m (with "" (instance
    (export "table" (table $table))
    (export "new" (func $new)) (export "index" (func $index)) (export "later" (func $later))
    (export "suspend-promote" (func $suspend-promote)) (export "yield-promote" (func $yield-promote))))))
  (func (export "yield-first") async (result u32) (canon lift (core func $i "yield-first")))
  (func (export "suspend-first") async (result u32) (canon lift (core func $i "suspend-first")))
  (func (export "not-ready") async (result u32) (canon lift (core func $i "not-ready")))
  (func (export "itself") async (result u32) (canon lift (core func $i "itself")))
  (func (export "unknown") async (canon lift (core func $i "unknown")))
  (func (export "unknown-suspend") async (canon lift (core func $i "unknown-suspend")))
  ;; a function that is not async yields to a thread of its own
  (func (export "yield-first-sync") (result u32) (canon lift (core func $i "yield-first"))))

(component instance $i $C)
(assert_return (invoke "yield-first") (u32.const 3))
(component instance $i $C)
(assert_return (invoke "yield-first-sync") (u32.const 3))
(component instance $i $C)
(assert_return (invoke "suspend-first") (u32.const 9))
(component instance $i $C)
(assert_return (invoke "not-ready") (u32.const 9))
(component instance $i $C)
(assert_return (invoke "itself") (u32.const 42))
(component instance $i $C)
(assert_trap (invoke "unknown") "unknown thread index 77")
(component instance $i $C)
(assert_trap (invoke "unknown-suspend") "unknown thread index 77")

(assert_invalid
  (component
    (core module $m (import "" "p" (func (result i32))))
    (canon thread.yield-then-promote (core func $p))
    (core instance (instantiate $m (with "" (instance (export "p" (func $p)))))))
  "expected")
