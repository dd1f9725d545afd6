;; Memories with 64-bit addresses 🐘: pointers and lengths are i64 in the flat types of a
;; function, eight bytes each in memory, and in the parameters of realloc.
;; Spec: CanonicalABI.md#flattening, CanonicalABI.md#canonopt-validation

(component
  ;; A string goes from a 64-bit memory to a 32-bit one and back in another encoding.
  (component $Echo
    (core module $m
      (memory (export "mem") 1)
      (global $top (mut i32) (i32.const 16))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (local $at i32)
        ;; what there was is at the end of what is handed out
        (local.set $at (if (result i32) (local.get 0) (then (local.get 0)) (else (global.get $top))))
        (global.set $top (i32.add (local.get $at) (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8))))
        (local.get $at))
      (func (export "echo") (param i32 i32) (result i32)
        (i32.store (i32.const 8) (local.get 0))
        (i32.store (i32.const 12) (local.get 1))
        (i32.const 8)))
    (core instance $i (instantiate $m))
    (func (export "echo") (param "s" string) (result string)
      (canon lift (core func $i "echo") string-encoding=utf16
        (memory (core memory $i "mem")) (realloc (core func $i "realloc")))))

  (component $Caller
    (import "echo" (func $echo (param "s" string) (result string)))
    (core module $libc
      (memory (export "mem") i64 1)
      (data (i64.const 0x100) "h\c3\a4i \f0\9f\92\a7")
      (func (export "realloc") (param i64 i64 i64 i64) (result i64)
        ;; room for all that may come
        (if (i64.gt_u (local.get 3) (i64.const 0x100)) (then unreachable))
        (i64.const 0x400)))
    (core instance $libc (instantiate $libc))
    (canon lower (func $echo) (memory (core memory $libc "mem")) (realloc (core func $libc "realloc"))
      (core func $echo64))
    (core module $m
      (import "" "mem" (memory i64 1))
      (import "" "echo" (func $echo (param i64 i64 i64)))
      ;; calls with the string and compares what comes back byte by byte
      (func (export "run") (result i32)
        (local $i i64)
        (call $echo (i64.const 0x100) (i64.const 9) (i64.const 0x200))
        (if (i64.ne (i64.load (i64.const 0x200)) (i64.const 0x400)) (then (return (i32.const 1))))
        (if (i64.ne (i64.load (i64.const 0x208)) (i64.const 9)) (then (return (i32.const 2))))
        (loop $next
          (if (i32.ne
                (i32.load8_u (i64.add (i64.const 0x100) (local.get $i)))
                (i32.load8_u (i64.add (i64.const 0x400) (local.get $i))))
            (then (return (i32.const 3))))
          (local.set $i (i64.add (local.get $i) (i64.const 1)))
          (br_if $next (i64.lt_u (local.get $i) (i64.const 9))))
        (i32.const 42)))
    (core instance $i (instantiate $m (with "" (instance
      (export "mem" (memory $libc "mem"))
      (export "echo" (func $echo64))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))

  (instance $e (instantiate $Echo))
  (instance $c (instantiate $Caller (with "echo" (func $e "echo"))))
  (export "run" (func $c "run")))
(assert_return (invoke "run") (u32.const 42))

;; A list of records with strings in them: elements are aligned to eight bytes, and each
;; string takes sixteen.
(component
  (type $entry (record (field "name" string) (field "age" u8)))
  (export $entry' "entry" (type $entry))
  (core module $m
    (memory (export "mem") i64 1)
    (data (i64.const 0x10) "\00\01\00\00\00\00\00\00" "\02\00\00\00\00\00\00\00" "\07\00\00\00\00\00\00\00")
    (data (i64.const 0x28) "\02\01\00\00\00\00\00\00" "\01\00\00\00\00\00\00\00" "\08\00\00\00\00\00\00\00")
    (data (i64.const 0x60) "\10\00\00\00\00\00\00\00" "\02\00\00\00\00\00\00\00")
    (data (i64.const 0x70) "\14\00\00\00\00\00\00\00" "\02\00\00\00\00\00\00\00")
    (data (i64.const 0x80) "\10\00\00\00\00\00\00\00" "\00\00\00\10\00\00\00\00")
    (data (i64.const 0x90) "\10\00\00\00\01\00\00\00" "\01\00\00\00\00\00\00\00")
    (data (i64.const 0x100) "abc")
    (func (export "good") (result i64) (i64.const 0x60))
    (func (export "unaligned") (result i64) (i64.const 0x70))
    (func (export "long") (result i64) (i64.const 0x80))
    (func (export "far") (result i64) (i64.const 0x90))
    (func (export "unaligned-result") (result i64) (i64.const 0x64)))
  (core instance $i (instantiate $m))
  (func (export "good") (result (list $entry'))
    (canon lift (core func $i "good") (memory (core memory $i "mem"))))
  (func (export "unaligned") (result (list $entry'))
    (canon lift (core func $i "unaligned") (memory (core memory $i "mem"))))
  (func (export "long") (result (list $entry'))
    (canon lift (core func $i "long") (memory (core memory $i "mem"))))
  (func (export "far") (result (list $entry'))
    (canon lift (core func $i "far") (memory (core memory $i "mem"))))
  (func (export "unaligned-result") (result (list $entry'))
    (canon lift (core func $i "unaligned-result") (memory (core memory $i "mem")))))
(assert_return (invoke "good") (list.const
  (record.const (field "name" str.const "ab") (field "age" u8.const 7))
  (record.const (field "name" str.const "c") (field "age" u8.const 8))))
(assert_trap (invoke "unaligned") "unaligned pointer")

(component definition $Far
  (core module $m
    (memory (export "mem") i64 1)
    (data (i64.const 0x80) "\10\00\00\00\00\00\00\00" "\00\00\00\10\00\00\00\00")
    (data (i64.const 0x90) "\10\00\00\00\01\00\00\00" "\01\00\00\00\00\00\00\00")
    (func (export "long") (result i64) (i64.const 0x80))
    (func (export "far") (result i64) (i64.const 0x90))
    (func (export "unaligned") (result i64) (i64.const 0x84))
    (func (export "outside") (result i64) (i64.const 0x1_0000_0080)))
  (core instance $i (instantiate $m))
  (func (export "long") (result (list u64)) (canon lift (core func $i "long") (memory (core memory $i "mem"))))
  (func (export "far") (result (list u64)) (canon lift (core func $i "far") (memory (core memory $i "mem"))))
  (func (export "unaligned") (result (list u64)) (canon lift (core func $i "unaligned") (memory (core memory $i "mem"))))
  (func (export "outside") (result (list u64)) (canon lift (core func $i "outside") (memory (core memory $i "mem")))))
(component instance $i $Far)
(assert_trap (invoke "long") "list content out-of-bounds: list of 2147483648 bytes is longer than the maximum")
(component instance $i $Far)
(assert_trap (invoke "far") "list pointer/length out of bounds of memory")
(component instance $i $Far)
(assert_trap (invoke "unaligned") "unaligned pointer")
(component instance $i $Far)
(assert_trap (invoke "outside") "out of bounds")

;; What realloc returns is looked at as an i64.
(component definition $Realloc
  (core module $m
    (memory (export "mem") i64 1)
    (global $at (mut i64) (i64.const 0))
    (func (export "realloc") (param i64 i64 i64 i64) (result i64) (global.get $at))
    (func (export "take") (param i64 i64))
    (func (export "place") (param i64) (global.set $at (local.get 0))))
  (core instance $i (instantiate $m))
  (func (export "place") (param "at" u64) (canon lift (core func $i "place")))
  (func (export "take") (param "l" (list u32))
    (canon lift (core func $i "take") (memory (core memory $i "mem")) (realloc (core func $i "realloc")))))
(component instance $i $Realloc)
(assert_return (invoke "place" (u64.const 0xfff8)))
(assert_return (invoke "take" (list.const (u32.const 1) (u32.const 2))))
(assert_trap (invoke "take" (list.const (u32.const 1) (u32.const 2) (u32.const 3))) "beyond end of memory")
(component instance $i $Realloc)
(assert_return (invoke "place" (u64.const 0x1_0000_0000)))
(assert_trap (invoke "take" (list.const (u32.const 1))) "beyond end of memory")
(component instance $i $Realloc)
(assert_return (invoke "place" (u64.const 2)))
(assert_trap (invoke "take" (list.const (u32.const 1))) "unaligned")

;; The types of realloc, of functions that are lifted and lowered, and of built-ins
;; follow the memory.
(assert_invalid
  (component
    (core module $m
      (memory (export "mem") i64 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
      (func (export "f") (param i64 i64)))
    (core instance $i (instantiate $m))
    (func (param "s" string)
      (canon lift (core func $i "f") (memory (core memory $i "mem")) (realloc (core func $i "realloc")))))
  "realloc")
(assert_invalid
  (component
    (core module $m
      (memory (export "mem") i64 1)
      (func (export "realloc") (param i64 i64 i64 i64) (result i64) unreachable)
      (func (export "f") (param i32 i32)))
    (core instance $i (instantiate $m))
    (func (param "s" string)
      (canon lift (core func $i "f") (memory (core memory $i "mem")) (realloc (core func $i "realloc")))))
  "core function")

;; context.get and context.set of i64 keep all 64 bits.
(component
  (core module $m
    (import "" "get" (func $get (result i64)))
    (import "" "set" (func $set (param i64)))
    (func (export "f") (param i64) (result i64)
      (if (i64.ne (call $get) (i64.const 0)) (then unreachable))
      (call $set (local.get 0))
      (call $get)))
  (canon context.get i64 0 (core func $get))
  (canon context.set i64 0 (core func $set))
  (core instance $i (instantiate $m (with "" (instance (export "get" (func $get)) (export "set" (func $set))))))
  (func (export "f") (param "v" u64) (result u64) (canon lift (core func $i "f"))))
(assert_return (invoke "f" (u64.const 0xfedc_ba98_7654_3210)) (u64.const 0xfedc_ba98_7654_3210))
(assert_return (invoke "f" (u64.const 1)) (u64.const 1))

;; A resource's representation is an i64 where its type says so.
(component
  (component $C
    (type $r (resource (rep i64)))
    (canon resource.new $r (core func $new))
    (canon resource.rep $r (core func $rep))
    (core module $m
      (import "" "new" (func $new (param i64) (result i32)))
      (import "" "rep" (func $rep (param i32) (result i64)))
      (func (export "make") (result i32) (call $new (i64.const 0x1234_5678_9abc)))
      (func (export "ask") (param i32) (result i64) (call $rep (local.get 0))))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new)) (export "rep" (func $rep))))))
    (export $r' "r" (type $r))
    (func (export "make") (result (own $r')) (canon lift (core func $i "make")))
    (func (export "ask") (param "r" (own $r')) (result u64) (canon lift (core func $i "ask"))))
  (instance $c (instantiate $C))
  (component $D
    (import "r" (type $r (sub resource)))
    (import "make" (func $make (result (own $r))))
    (import "ask" (func $ask (param "r" (own $r)) (result u64)))
    (canon lower (func $make) (core func $make'))
    (canon lower (func $ask) (core func $ask'))
    (core module $m
      (import "" "make" (func $make (result i32)))
      (import "" "ask" (func $ask (param i32) (result i64)))
      (func (export "run") (result i64) (call $ask (call $make))))
    (core instance $i (instantiate $m (with "" (instance (export "make" (func $make')) (export "ask" (func $ask'))))))
    (func (export "run") (result u64) (canon lift (core func $i "run"))))
  (instance $d (instantiate $D
    (with "r" (type $c "r")) (with "make" (func $c "make")) (with "ask" (func $c "ask"))))
  (export "run" (func $d "run")))
(assert_return (invoke "run") (u64.const 0x1234_5678_9abc))

;; Streams and waitable sets take addresses and counts of 64 bits, and give counts of 64.
(component
  (component $R
    (type $s (stream u16))
    (core module $libc (memory (export "mem") i64 1))
    (core instance $libc (instantiate $libc))
    (canon stream.read $s (memory (core memory $libc "mem")) (core func $read))
    (canon stream.drop-readable $s (core func $drop))
    (core module $m
      (import "" "mem" (memory i64 1))
      (import "" "read" (func $read (param i32 i64 i64) (result i64)))
      (import "" "drop" (func $drop (param i32)))
      ;; reads once, and adds up what came
      (func (export "sum") (param i32) (result i32)
        ;; COMPLETED, 3 elements
        (if (i64.ne (call $read (local.get 0) (i64.const 0x40) (i64.const 8)) (i64.const 0x30)) (then unreachable))
        (call $drop (local.get 0))
        (i32.add (i32.add
          (i32.load16_u (i64.const 0x40)) (i32.load16_u (i64.const 0x42))) (i32.load16_u (i64.const 0x44)))))
    (core instance $i (instantiate $m (with "" (instance
      (export "mem" (memory $libc "mem")) (export "read" (func $read)) (export "drop" (func $drop))))))
    (func (export "sum") async (param "s" $s) (result u32) (canon lift (core func $i "sum"))))
  (component $W
    (type $s (stream u16))
    (import "sum" (func $sum async (param "s" $s) (result u32)))
    (core module $libc
      (memory (export "mem") i64 1)
      (data (i64.const 0x20) "\01\00\02\00\27\00"))
    (core instance $libc (instantiate $libc))
    (canon stream.new $s (core func $new))
    (canon stream.write $s async (memory (core memory $libc "mem")) (core func $write))
    (canon stream.drop-writable $s (core func $drop))
    (canon lower (func $sum) async (memory (core memory $libc "mem")) (core func $sum'))
    (canon waitable-set.new (core func $set))
    (canon waitable.join (core func $join))
    (canon waitable-set.wait (memory (core memory $libc "mem")) (core func $wait))
    (canon waitable-set.poll (memory (core memory $libc "mem")) (core func $poll))
    (canon subtask.drop (core func $drop-subtask))
    (core module $m
      (import "" "mem" (memory i64 1))
      (import "" "new" (func $new (result i64)))
      (import "" "write" (func $write (param i32 i64 i64) (result i64)))
      (import "" "drop" (func $drop (param i32)))
      (import "" "sum" (func $sum (param i32 i64) (result i32)))
      (import "" "set" (func $set (result i32)))
      (import "" "join" (func $join (param i32 i32)))
      (import "" "wait" (func $wait (param i32 i64) (result i32)))
      (import "" "poll" (func $poll (param i32 i64) (result i32)))
      (import "" "drop-subtask" (func $drop-subtask (param i32)))
      (func (export "run") (result i32)
        (local $s i64) (local $w i32) (local $sub i32) (local $set i32)
        (local.set $s (call $new))
        (local.set $w (i32.wrap_i64 (i64.shr_u (local.get $s) (i64.const 32))))
        (local.set $sub (call $sum (i32.wrap_i64 (local.get $s)) (i64.const 0x80)))
        (if (i32.ne (i32.and (local.get $sub) (i32.const 0xf)) (i32.const 1 (; STARTED ;))) (then unreachable))
        (local.set $sub (i32.shr_u (local.get $sub) (i32.const 4)))
        (if (i64.ne (call $write (local.get $w) (i64.const 0x20) (i64.const 3)) (i64.const 0x30)) (then unreachable))
        (local.set $set (call $set))
        (call $join (local.get $sub) (local.get $set))
        (if (i32.ne (call $wait (local.get $set) (i64.const 0xa0)) (i32.const 1 (; SUBTASK ;))) (then unreachable))
        (if (i32.ne (i32.load (i64.const 0xa0)) (local.get $sub)) (then unreachable))
        (if (i32.ne (i32.load (i64.const 0xa4)) (i32.const 2 (; RETURNED ;))) (then unreachable))
        (if (call $poll (local.get $set) (i64.const 0xa0)) (then unreachable))
        (call $drop-subtask (local.get $sub))
        (call $drop (local.get $w))
        (i32.load (i64.const 0x80)))
      (func (export "blocked") (result i64)
        (call $write (i32.wrap_i64 (i64.shr_u (call $new) (i64.const 32))) (i64.const 0x20) (i64.const 3)))
      (func (export "outside")
        (drop (call $write (i32.wrap_i64 (i64.shr_u (call $new) (i64.const 32))) (i64.const 0x1_0000_0020) (i64.const 3)))))
    (core instance $i (instantiate $m (with "" (instance
      (export "mem" (memory $libc "mem")) (export "new" (func $new)) (export "write" (func $write))
      (export "drop" (func $drop)) (export "sum" (func $sum')) (export "set" (func $set))
      (export "join" (func $join)) (export "wait" (func $wait)) (export "poll" (func $poll))
      (export "drop-subtask" (func $drop-subtask))))))
    (func (export "run") async (result u32) (canon lift (core func $i "run")))
    (func (export "blocked") (result u64) (canon lift (core func $i "blocked")))
    (func (export "outside") (canon lift (core func $i "outside"))))
  (instance $r (instantiate $R))
  (instance $w (instantiate $W (with "sum" (func $r "sum"))))
  (export "run" (func $w "run"))
  (export "blocked" (func $w "blocked"))
  (export "outside" (func $w "outside")))
(assert_return (invoke "run") (u32.const 42))
;; BLOCKED has 32 bits
(assert_return (invoke "blocked") (u64.const 0xffff_ffff))
(assert_trap (invoke "outside") "out of bounds")
