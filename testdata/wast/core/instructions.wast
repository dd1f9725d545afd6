;; Core code that a component may have whatever the engine makes of it: atomics on shared
;; memories, relaxed vectors, tail calls, typed function references, 64-bit tables, tables
;; with values to begin with, constant expressions with arithmetic.
;; Spec: core 3.0, section 4 "Execution"; the threads proposal

(component
  (core module $m
    (memory $shared (export "m") 1 2 shared)
    (func (export "atomics") (param i32) (result i32)
      (i32.atomic.store (i32.const 8) (local.get 0))
      (drop (i32.atomic.rmw.add (i32.const 8) (i32.const 2)))
      (drop (i32.atomic.rmw.cmpxchg (i32.const 8) (i32.add (local.get 0) (i32.const 2)) (i32.const 77)))
      ;; nobody waits, and nobody could wake us
      (i32.add
        (i32.mul (i32.const 100) (memory.atomic.wait32 (i32.const 8) (i32.const 77) (i64.const 1)))
        (i32.add (memory.atomic.notify (i32.const 8) (i32.const 1)) (i32.atomic.load (i32.const 8)))))
    (func (export "wait-for-another") (result i32)
      (memory.atomic.wait32 (i32.const 16) (i32.const 1) (i64.const -1)))

    (func (export "relaxed") (result i32)
      (i32x4.extract_lane 0 (i32x4.relaxed_dot_i8x16_i7x16_add_s
        (i8x16.splat (i32.const -3)) (i8x16.splat (i32.const 5)) (i32x4.splat (i32.const 1000)))))
    (func (export "nmadd") (result i32)
      (i32.trunc_f32_s (f32x4.extract_lane 2 (f32x4.relaxed_nmadd
        (f32x4.splat (f32.const 1.5)) (f32x4.splat (f32.const 2)) (f32x4.splat (f32.const 10))))))

    (type $step (func (param i32 i32) (result i32)))
    (global $two i32 (i32.add (i32.const 1) (i32.const 1)))
    (table $wide i64 3 (ref null $step) (ref.func $down))
    (func $down (type $step)
      (if (result i32) (i32.eqz (local.get 0))
        (then (local.get 1))
        (else (return_call_ref $step
          (i32.sub (local.get 0) (i32.const 1))
          (i32.add (local.get 1) (global.get $two))
          (table.get $wide (i64.const 2))))))
    (func (export "count") (param i32) (result i32)
      (return_call $down (local.get 0) (i32.const 0)))
    (func (export "null") (result i32)
      (call_ref $step (i32.const 1) (i32.const 1) (ref.null $step)))
    (func (export "beyond") (param i64) (result i32)
      (call_ref $step (i32.const 1) (i32.const 1) (table.get $wide (local.get 0)))))
  (core instance $m (instantiate $m))
  (func (export "atomics") (param "x" u32) (result u32) (canon lift (core func $m "atomics")))
  (func (export "wait-for-another") (result u32) (canon lift (core func $m "wait-for-another")))
  (func (export "relaxed") (result s32) (canon lift (core func $m "relaxed")))
  (func (export "nmadd") (result s32) (canon lift (core func $m "nmadd")))
  (func (export "count") (param "n" u32) (result u32) (canon lift (core func $m "count")))
  (func (export "null") (result u32) (canon lift (core func $m "null")))
  (func (export "beyond") (param "i" u64) (result u32) (canon lift (core func $m "beyond"))))

(assert_return (invoke "atomics" (u32.const 3)) (u32.const 277))
(assert_return (invoke "wait-for-another") (u32.const 1))
(assert_return (invoke "relaxed") (s32.const 940))
(assert_return (invoke "nmadd") (s32.const 7))
(assert_return (invoke "count" (u32.const 100000)) (u32.const 200000))
;; a trap ends the instance
(assert_trap (invoke "beyond" (u64.const 0x1_0000_0000)) "out of bounds table access")

;; a wait needs a shared memory
(component
  (core module $m
    (memory 1 1)
    (func (export "wait32") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 1)))))
  (core instance $m (instantiate $m))
  (func (export "wait32") (canon lift (core func $m "wait32"))))
(assert_trap (invoke "wait32") "expected shared memory")
(component
  (core module $m
    (memory 1 1)
    (func (export "wait64") (drop (memory.atomic.wait64 (i32.const 0) (i64.const 0) (i64.const 1)))))
  (core instance $m (instantiate $m))
  (func (export "wait64") (canon lift (core func $m "wait64"))))
(assert_trap (invoke "wait64") "expected shared memory")
