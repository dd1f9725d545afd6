;; Core modules with several memories, which core instances share with one another and
;; which canonical options name. What the engine does about them is not to be seen.
;; Spec: core 3.0, section 2.5.6 "Memories"; CanonicalABI.md#canonical-options

(component
  ;; two memories, of which strings go through the second
  (core module $libc
    (memory $code (export "code") 1 1)
    (memory $text (export "text") 1 3)
    (data (memory $text) (i32.const 0) "kept ")
    (global $top (mut i32) (i32.const 64))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (global.get $top))
      (global.set $top (i32.add (local.get $at) (local.get 3)))
      ;; grow before anything lies beyond the end
      (if (i32.gt_u (global.get $top) (i32.shl (memory.size $text) (i32.const 16)))
        (then (drop (memory.grow $text (i32.const 1)))))
      (local.get $at)))
  (core instance $libc (instantiate $libc))

  (core module $main
    (import "libc" "text" (memory $text 1))
    (import "libc" "code" (memory $code 1 1))
    ;; $text once more
    (import "again" "text" (memory $same 1))
    (memory $own i64 1 2)

    ;; puts what is at 0 in front of a string, by way of the memory of its own
    (func (export "keep") (param $at i32) (param $len i32) (result i32)
      (memory.copy $own $text (i64.const 0x100) (i32.const 0) (i32.const 5))
      (memory.copy $own $same (i64.const 0x105) (local.get $at) (local.get $len))
      (memory.copy $text $own (i32.const 0x1000) (i64.const 0x100) (i32.add (local.get $len) (i32.const 5)))
      (i32.store $text (i32.const 0x20) (i32.const 0x1000))
      (i32.store $same offset=4 (i32.const 0x20) (i32.add (local.get $len) (i32.const 5)))
      (i32.const 0x20))

    ;; what is in one of four memories, of which two are one
    (func (export "peek") (param $memory i32) (param $at i64) (result i32)
      (block $own (block $same (block $code
        (br_table $code $same $own (local.get $memory)))
        (return (i32.load8_u $code (i32.wrap_i64 (local.get $at)))))
        (return (i32.load8_u $same (i32.wrap_i64 (local.get $at)))))
      (i32.load8_u $own (local.get $at)))

    (func (export "sizes") (result i32)
      (i32.add (i32.mul (memory.size $text) (i32.const 100))
        (i32.add (i32.mul (memory.size $code) (i32.const 10)) (i32.wrap_i64 (memory.size $own)))))
    (func (export "grow") (param $pages i64) (result i64)
      (memory.grow $own (local.get $pages)))
    ;; from the memory with 32-bit addresses to the one with 64
    (func (export "copy") (param $to i64) (param $from i32) (param $n i32)
      (memory.copy $own $code (local.get $to) (local.get $from) (local.get $n))))
  (core instance $main (instantiate $main (with "libc" (instance $libc)) (with "again" (instance $libc))))

  (func (export "keep") (param "s" string) (result string)
    (canon lift (core func $main "keep") (memory (core memory $libc "text")) (realloc (core func $libc "realloc"))))
  (func (export "peek") (param "memory" u32) (param "at" u64) (result u32) (canon lift (core func $main "peek")))
  (func (export "sizes") (result u32) (canon lift (core func $main "sizes")))
  (func (export "grow") (param "pages" u64) (result s64) (canon lift (core func $main "grow")))
  (func (export "copy") (param "to" u64) (param "from" u32) (param "n" u32) (canon lift (core func $main "copy"))))

(assert_return (invoke "keep" (str.const "this")) (str.const "kept this"))
(assert_return (invoke "peek" (u32.const 0) (u64.const 0x1000)) (u32.const 0))
(assert_return (invoke "peek" (u32.const 1) (u64.const 0x1005)) (u32.const 0x74))
(assert_return (invoke "peek" (u32.const 2) (u64.const 0x105)) (u32.const 0x74))
(assert_return (invoke "sizes") (u32.const 111))
(assert_return (invoke "grow" (u64.const 1)) (s64.const 1))
(assert_return (invoke "grow" (u64.const 1)) (s64.const -1))
(assert_return (invoke "grow" (u64.const 0x1_0000_0000)) (s64.const -1))
(assert_return (invoke "sizes") (u32.const 112))
(assert_return (invoke "peek" (u32.const 2) (u64.const 0x1_ffff)) (u32.const 0))
(assert_trap (invoke "peek" (u32.const 2) (u64.const 0x1_0000_0000)) "out of bounds memory access")

(component definition $Traps
  (core module $m
    (memory $a 1) (memory $b 1) (memory $c i64 1)
    (func (export "load") (param i32) (result i32) (i32.load $b (local.get 0)))
    (func (export "load-far") (param i64) (result i32) (i32.load $c offset=0x1_0000_0000 (local.get 0)))
    (func (export "fill") (param i32) (memory.fill $a (i32.const 0xfff0) (i32.const 1) (local.get 0)))
    (func (export "copy") (param i32) (memory.copy $a $b (i32.const 0) (i32.const 0xfff0) (local.get 0)))
    (func (export "use") (i32.store $a (i32.const 0) (i32.load $a (i32.const 0)))))
  (core instance $i (instantiate $m))
  (func (export "load") (param "at" u32) (result u32) (canon lift (core func $i "load")))
  (func (export "load-far") (param "at" u64) (result u32) (canon lift (core func $i "load-far")))
  (func (export "fill") (param "n" u32) (canon lift (core func $i "fill")))
  (func (export "copy") (param "n" u32) (canon lift (core func $i "copy"))))
(component instance $t $Traps)
(assert_return (invoke "load" (u32.const 0xfffc)) (u32.const 0))
(assert_return (invoke "fill" (u32.const 0x10)))
(assert_return (invoke "copy" (u32.const 0x10)))
(assert_trap (invoke "load" (u32.const 0xfffd)) "out of bounds memory access")
(component instance $t $Traps)
(assert_trap (invoke "load-far" (u64.const 0)) "out of bounds memory access")
(component instance $t $Traps)
(assert_trap (invoke "fill" (u32.const 0x11)) "out of bounds memory access")
(component instance $t $Traps)
(assert_trap (invoke "copy" (u32.const 0x11)) "out of bounds memory access")

;; Data segments of memories that are one are applied in order.
(component
  (core module $a (memory (export "m") 1))
  (core instance $a (instantiate $a))
  (core module $b
    (import "a" "m" (memory $x 1)) (import "b" "m" (memory $y 1))
    (data (memory $x) (i32.const 0) "\01\01\01\01")
    (data (memory $y) (i32.const 1) "\02\02\02")
    (data (memory $x) (i32.const 2) "\03\03")
    (func (export "get") (result i32) (i32.load $y (i32.const 0))))
  (core instance $b (instantiate $b (with "a" (instance $a)) (with "b" (instance $a))))
  (func (export "get") (result u32) (canon lift (core func $b "get"))))
(assert_return (invoke "get") (u32.const 0x03030201))

;; One that is out of bounds traps.
(assert_trap
  (component
    (core module $a (memory (export "m") 1) (memory (export "n") 1))
    (core instance $a (instantiate $a))
    (core module $b
      (import "a" "m" (memory $x 1)) (import "a" "n" (memory $y 1))
      (data (memory $y) (i32.const 0xffff) "\02\02"))
    (core instance $b (instantiate $b (with "a" (instance $a)))))
  "out of bounds memory access")

;; Segments of elements, too, at an offset that is an import's.
(component definition $Elements
  (core module $at (global (export "at") i32 (i32.const 3)))
  (core instance $at (instantiate $at))
  (core module $m
    (import "at" "at" (global $at i32))
    (table 4 funcref)
    (elem (global.get $at) $f)
    (func $f (result i32) (i32.const 42))
    (func (export "call") (param i32) (result i32) (call_indirect (result i32) (local.get 0))))
  (core instance $m (instantiate $m (with "at" (instance $at))))
  (func (export "call") (param "i" u32) (result u32) (canon lift (core func $m "call"))))
(component instance $e $Elements)
(assert_return (invoke "call" (u32.const 3)) (u32.const 42))
(assert_trap (invoke "call" (u32.const 4)) "undefined element")
(assert_trap
  (component
    (core module $m (table 4 funcref) (elem (i32.const 3) $f $f) (func $f))
    (core instance $m (instantiate $m)))
  "out of bounds table access")
