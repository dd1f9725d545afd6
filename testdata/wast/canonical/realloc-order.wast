;; Which calls of realloc a string brings about, from each encoding to each, with what
;; arguments and in what order.
;; Spec: CanonicalABI.md#storing (store_string_into_range)

(component definition $Top
  ;; A function that is named after two encodings passes what is at ptr on, and returns
  ;; the length as the receiver sees it, tag and all. The one with -calls has what realloc
  ;; was called with: old pointer, old size, alignment, new size.
  ;;
  ;; A string that latin1+utf16 has as UTF-16 although Latin-1 would do stays remarkable:
  ;; the receiver begins as it would with one that needs UTF-16.

  (core module $receiver
    (memory (export "mem") 1)
    (global $calls (mut i32) (i32.const 0))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.add (i32.const 0x100) (i32.shl (global.get $calls) (i32.const 4))))
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (i32.store (local.get $at) (local.get 0))
      (i32.store offset=4 (local.get $at) (local.get 1))
      (i32.store offset=8 (local.get $at) (local.get 2))
      (i32.store offset=12 (local.get $at) (local.get 3))
      (i32.const 0x1000))
    (func (export "take") (param i32 i32) (result i32)
      (if (i32.ne (local.get 0) (i32.const 0x1000)) (then unreachable))
      (local.get 1))
    ;; the calls since it was asked last
    (func (export "calls") (result i32)
      (i32.store (i32.const 0) (i32.const 0x100))
      (i32.store (i32.const 4) (global.get $calls))
      (global.set $calls (i32.const 0))
      (i32.const 0)))

  (component $utf8-receiver
    (core instance $i (instantiate $receiver))
    (func (export "take") (param "s" string) (result u32)
      (canon lift (core func $i "take") string-encoding=utf8
        (memory (core memory $i "mem")) (realloc (core func $i "realloc"))))
    (func (export "calls") (result (list (tuple u32 u32 u32 u32)))
      (canon lift (core func $i "calls") (memory (core memory $i "mem")))))

  (component $utf16-receiver
    (core instance $i (instantiate $receiver))
    (func (export "take") (param "s" string) (result u32)
      (canon lift (core func $i "take") string-encoding=utf16
        (memory (core memory $i "mem")) (realloc (core func $i "realloc"))))
    (func (export "calls") (result (list (tuple u32 u32 u32 u32)))
      (canon lift (core func $i "calls") (memory (core memory $i "mem")))))

  (component $latin1-receiver
    (core instance $i (instantiate $receiver))
    (func (export "take") (param "s" string) (result u32)
      (canon lift (core func $i "take") string-encoding=latin1+utf16
        (memory (core memory $i "mem")) (realloc (core func $i "realloc"))))
    (func (export "calls") (result (list (tuple u32 u32 u32 u32)))
      (canon lift (core func $i "calls") (memory (core memory $i "mem")))))

  (core module $sender
    (import "" "take" (func $take (param i32 i32) (result i32)))
    (func (export "send") (param i32 i32) (result i32) (call $take (local.get 0) (local.get 1))))

  (component $utf8-sender
    (import "take" (func $take (param "s" string) (result u32)))
    (core module $libc
      (memory (export "mem") 1)
      (data (i32.const 16) "hi")
      (data (i32.const 32) "h\c3\a9")
      (data (i32.const 48) "ab\e2\82\ac")
      (data (i32.const 64) "\e2\82\acab")
      (data (i32.const 80) "\f0\9f\92\a7"))
    (core instance $libc (instantiate $libc))
    (canon lower (func $take) string-encoding=utf8 (memory (core memory $libc "mem")) (core func $take'))
    (core instance $i (instantiate $sender (with "" (instance (export "take" (func $take'))))))
    (func (export "send") (param "ptr" u32) (param "length" u32) (result u32) (canon lift (core func $i "send"))))

  (component $utf16-sender
    (import "take" (func $take (param "s" string) (result u32)))
    (core module $libc
      (memory (export "mem") 1)
      (data (i32.const 16) "h\00i\00")
      (data (i32.const 32) "h\00\e9\00")
      (data (i32.const 48) "a\00b\00\ac ")
      (data (i32.const 64) "\ac a\00b\00")
      (data (i32.const 80) "=\d8\a7\dc"))
    (core instance $libc (instantiate $libc))
    (canon lower (func $take) string-encoding=utf16 (memory (core memory $libc "mem")) (core func $take'))
    (core instance $i (instantiate $sender (with "" (instance (export "take" (func $take'))))))
    (func (export "send") (param "ptr" u32) (param "length" u32) (result u32) (canon lift (core func $i "send"))))

  (component $latin1-sender
    (import "take" (func $take (param "s" string) (result u32)))
    (core module $libc
      (memory (export "mem") 1)
      (data (i32.const 16) "hi")
      (data (i32.const 32) "h\e9")
      (data (i32.const 48) "a\00b\00\ac ")
      (data (i32.const 64) "\ac a\00b\00")
      (data (i32.const 80) "=\d8\a7\dc")
      (data (i32.const 112) "h\00\e9\00"))
    (core instance $libc (instantiate $libc))
    (canon lower (func $take) string-encoding=latin1+utf16 (memory (core memory $libc "mem")) (core func $take'))
    (core instance $i (instantiate $sender (with "" (instance (export "take" (func $take'))))))
    (func (export "send") (param "ptr" u32) (param "length" u32) (result u32) (canon lift (core func $i "send"))))

  (instance $utf8-utf8 (instantiate $utf8-receiver))
  (instance $utf8-utf8-sender (instantiate $utf8-sender (with "take" (func $utf8-utf8 "take"))))
  (export "utf8-to-utf8" (func $utf8-utf8-sender "send"))
  (export "utf8-to-utf8-calls" (func $utf8-utf8 "calls"))
  (instance $utf8-utf16 (instantiate $utf16-receiver))
  (instance $utf8-utf16-sender (instantiate $utf8-sender (with "take" (func $utf8-utf16 "take"))))
  (export "utf8-to-utf16" (func $utf8-utf16-sender "send"))
  (export "utf8-to-utf16-calls" (func $utf8-utf16 "calls"))
  (instance $utf8-latin1 (instantiate $latin1-receiver))
  (instance $utf8-latin1-sender (instantiate $utf8-sender (with "take" (func $utf8-latin1 "take"))))
  (export "utf8-to-latin1" (func $utf8-latin1-sender "send"))
  (export "utf8-to-latin1-calls" (func $utf8-latin1 "calls"))
  (instance $utf16-utf8 (instantiate $utf8-receiver))
  (instance $utf16-utf8-sender (instantiate $utf16-sender (with "take" (func $utf16-utf8 "take"))))
  (export "utf16-to-utf8" (func $utf16-utf8-sender "send"))
  (export "utf16-to-utf8-calls" (func $utf16-utf8 "calls"))
  (instance $utf16-utf16 (instantiate $utf16-receiver))
  (instance $utf16-utf16-sender (instantiate $utf16-sender (with "take" (func $utf16-utf16 "take"))))
  (export "utf16-to-utf16" (func $utf16-utf16-sender "send"))
  (export "utf16-to-utf16-calls" (func $utf16-utf16 "calls"))
  (instance $utf16-latin1 (instantiate $latin1-receiver))
  (instance $utf16-latin1-sender (instantiate $utf16-sender (with "take" (func $utf16-latin1 "take"))))
  (export "utf16-to-latin1" (func $utf16-latin1-sender "send"))
  (export "utf16-to-latin1-calls" (func $utf16-latin1 "calls"))
  (instance $latin1-utf8 (instantiate $utf8-receiver))
  (instance $latin1-utf8-sender (instantiate $latin1-sender (with "take" (func $latin1-utf8 "take"))))
  (export "latin1-to-utf8" (func $latin1-utf8-sender "send"))
  (export "latin1-to-utf8-calls" (func $latin1-utf8 "calls"))
  (instance $latin1-utf16 (instantiate $utf16-receiver))
  (instance $latin1-utf16-sender (instantiate $latin1-sender (with "take" (func $latin1-utf16 "take"))))
  (export "latin1-to-utf16" (func $latin1-utf16-sender "send"))
  (export "latin1-to-utf16-calls" (func $latin1-utf16 "calls"))
  (instance $latin1-latin1 (instantiate $latin1-receiver))
  (instance $latin1-latin1-sender (instantiate $latin1-sender (with "take" (func $latin1-latin1 "take"))))
  (export "latin1-to-latin1" (func $latin1-latin1-sender "send"))
  (export "latin1-to-latin1-calls" (func $latin1-latin1 "calls")))
(component instance $top $Top)

;; utf8 to utf8
;; letters
(assert_return (invoke "utf8-to-utf8" (u32.const 16) (u32.const 2)) (u32.const 2))
(assert_return (invoke "utf8-to-utf8-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 1) (u32.const 2))))
;; latin1
(assert_return (invoke "utf8-to-utf8" (u32.const 32) (u32.const 3)) (u32.const 3))
(assert_return (invoke "utf8-to-utf8-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 1) (u32.const 3))))
;; wide last
(assert_return (invoke "utf8-to-utf8" (u32.const 48) (u32.const 5)) (u32.const 5))
(assert_return (invoke "utf8-to-utf8-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 1) (u32.const 5))))
;; wide first
(assert_return (invoke "utf8-to-utf8" (u32.const 64) (u32.const 5)) (u32.const 5))
(assert_return (invoke "utf8-to-utf8-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 1) (u32.const 5))))
;; pair
(assert_return (invoke "utf8-to-utf8" (u32.const 80) (u32.const 4)) (u32.const 4))
(assert_return (invoke "utf8-to-utf8-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 1) (u32.const 4))))
;; nothing
(assert_return (invoke "utf8-to-utf8" (u32.const 96) (u32.const 0)) (u32.const 0))
(assert_return (invoke "utf8-to-utf8-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 1) (u32.const 0))))

;; utf8 to utf16
;; letters
(assert_return (invoke "utf8-to-utf16" (u32.const 16) (u32.const 2)) (u32.const 2))
(assert_return (invoke "utf8-to-utf16-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 4))))
;; latin1
(assert_return (invoke "utf8-to-utf16" (u32.const 32) (u32.const 3)) (u32.const 2))
(assert_return (invoke "utf8-to-utf16-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 6))
  (tuple.const (u32.const 0x1000) (u32.const 6) (u32.const 2) (u32.const 4))))
;; wide last
(assert_return (invoke "utf8-to-utf16" (u32.const 48) (u32.const 5)) (u32.const 3))
(assert_return (invoke "utf8-to-utf16-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 10))
  (tuple.const (u32.const 0x1000) (u32.const 10) (u32.const 2) (u32.const 6))))
;; wide first
(assert_return (invoke "utf8-to-utf16" (u32.const 64) (u32.const 5)) (u32.const 3))
(assert_return (invoke "utf8-to-utf16-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 10))
  (tuple.const (u32.const 0x1000) (u32.const 10) (u32.const 2) (u32.const 6))))
;; pair
(assert_return (invoke "utf8-to-utf16" (u32.const 80) (u32.const 4)) (u32.const 2))
(assert_return (invoke "utf8-to-utf16-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 8))
  (tuple.const (u32.const 0x1000) (u32.const 8) (u32.const 2) (u32.const 4))))
;; nothing
(assert_return (invoke "utf8-to-utf16" (u32.const 96) (u32.const 0)) (u32.const 0))
(assert_return (invoke "utf8-to-utf16-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 0))))

;; utf8 to latin1+utf16
;; letters
(assert_return (invoke "utf8-to-latin1" (u32.const 16) (u32.const 2)) (u32.const 2))
(assert_return (invoke "utf8-to-latin1-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 2))))
;; latin1
(assert_return (invoke "utf8-to-latin1" (u32.const 32) (u32.const 3)) (u32.const 2))
(assert_return (invoke "utf8-to-latin1-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 3))
  (tuple.const (u32.const 0x1000) (u32.const 3) (u32.const 2) (u32.const 2))))
;; wide last
(assert_return (invoke "utf8-to-latin1" (u32.const 48) (u32.const 5)) (u32.const 0x8000_0003))
(assert_return (invoke "utf8-to-latin1-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 5))
  (tuple.const (u32.const 0x1000) (u32.const 5) (u32.const 2) (u32.const 10))
  (tuple.const (u32.const 0x1000) (u32.const 10) (u32.const 2) (u32.const 6))))
;; wide first
(assert_return (invoke "utf8-to-latin1" (u32.const 64) (u32.const 5)) (u32.const 0x8000_0003))
(assert_return (invoke "utf8-to-latin1-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 5))
  (tuple.const (u32.const 0x1000) (u32.const 5) (u32.const 2) (u32.const 10))
  (tuple.const (u32.const 0x1000) (u32.const 10) (u32.const 2) (u32.const 6))))
;; pair
(assert_return (invoke "utf8-to-latin1" (u32.const 80) (u32.const 4)) (u32.const 0x8000_0002))
(assert_return (invoke "utf8-to-latin1-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 4))
  (tuple.const (u32.const 0x1000) (u32.const 4) (u32.const 2) (u32.const 8))
  (tuple.const (u32.const 0x1000) (u32.const 8) (u32.const 2) (u32.const 4))))
;; nothing
(assert_return (invoke "utf8-to-latin1" (u32.const 96) (u32.const 0)) (u32.const 0))
(assert_return (invoke "utf8-to-latin1-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 0))))

;; utf16 to utf8
;; letters
(assert_return (invoke "utf16-to-utf8" (u32.const 16) (u32.const 2)) (u32.const 2))
(assert_return (invoke "utf16-to-utf8-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 1) (u32.const 2))))
;; latin1
(assert_return (invoke "utf16-to-utf8" (u32.const 32) (u32.const 2)) (u32.const 3))
(assert_return (invoke "utf16-to-utf8-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 1) (u32.const 2))
  (tuple.const (u32.const 0x1000) (u32.const 2) (u32.const 1) (u32.const 6))
  (tuple.const (u32.const 0x1000) (u32.const 6) (u32.const 1) (u32.const 3))))
;; wide last
(assert_return (invoke "utf16-to-utf8" (u32.const 48) (u32.const 3)) (u32.const 5))
(assert_return (invoke "utf16-to-utf8-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 1) (u32.const 3))
  (tuple.const (u32.const 0x1000) (u32.const 3) (u32.const 1) (u32.const 9))
  (tuple.const (u32.const 0x1000) (u32.const 9) (u32.const 1) (u32.const 5))))
;; wide first
(assert_return (invoke "utf16-to-utf8" (u32.const 64) (u32.const 3)) (u32.const 5))
(assert_return (invoke "utf16-to-utf8-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 1) (u32.const 3))
  (tuple.const (u32.const 0x1000) (u32.const 3) (u32.const 1) (u32.const 9))
  (tuple.const (u32.const 0x1000) (u32.const 9) (u32.const 1) (u32.const 5))))
;; pair
(assert_return (invoke "utf16-to-utf8" (u32.const 80) (u32.const 2)) (u32.const 4))
(assert_return (invoke "utf16-to-utf8-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 1) (u32.const 2))
  (tuple.const (u32.const 0x1000) (u32.const 2) (u32.const 1) (u32.const 6))
  (tuple.const (u32.const 0x1000) (u32.const 6) (u32.const 1) (u32.const 4))))
;; nothing
(assert_return (invoke "utf16-to-utf8" (u32.const 96) (u32.const 0)) (u32.const 0))
(assert_return (invoke "utf16-to-utf8-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 1) (u32.const 0))))

;; utf16 to utf16
;; letters
(assert_return (invoke "utf16-to-utf16" (u32.const 16) (u32.const 2)) (u32.const 2))
(assert_return (invoke "utf16-to-utf16-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 4))))
;; latin1
(assert_return (invoke "utf16-to-utf16" (u32.const 32) (u32.const 2)) (u32.const 2))
(assert_return (invoke "utf16-to-utf16-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 4))))
;; wide last
(assert_return (invoke "utf16-to-utf16" (u32.const 48) (u32.const 3)) (u32.const 3))
(assert_return (invoke "utf16-to-utf16-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 6))))
;; wide first
(assert_return (invoke "utf16-to-utf16" (u32.const 64) (u32.const 3)) (u32.const 3))
(assert_return (invoke "utf16-to-utf16-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 6))))
;; pair
(assert_return (invoke "utf16-to-utf16" (u32.const 80) (u32.const 2)) (u32.const 2))
(assert_return (invoke "utf16-to-utf16-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 4))))
;; nothing
(assert_return (invoke "utf16-to-utf16" (u32.const 96) (u32.const 0)) (u32.const 0))
(assert_return (invoke "utf16-to-utf16-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 0))))

;; utf16 to latin1+utf16
;; letters
(assert_return (invoke "utf16-to-latin1" (u32.const 16) (u32.const 2)) (u32.const 2))
(assert_return (invoke "utf16-to-latin1-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 2))))
;; latin1
(assert_return (invoke "utf16-to-latin1" (u32.const 32) (u32.const 2)) (u32.const 2))
(assert_return (invoke "utf16-to-latin1-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 2))))
;; wide last
(assert_return (invoke "utf16-to-latin1" (u32.const 48) (u32.const 3)) (u32.const 0x8000_0003))
(assert_return (invoke "utf16-to-latin1-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 3))
  (tuple.const (u32.const 0x1000) (u32.const 3) (u32.const 2) (u32.const 6))))
;; wide first
(assert_return (invoke "utf16-to-latin1" (u32.const 64) (u32.const 3)) (u32.const 0x8000_0003))
(assert_return (invoke "utf16-to-latin1-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 3))
  (tuple.const (u32.const 0x1000) (u32.const 3) (u32.const 2) (u32.const 6))))
;; pair
(assert_return (invoke "utf16-to-latin1" (u32.const 80) (u32.const 2)) (u32.const 0x8000_0002))
(assert_return (invoke "utf16-to-latin1-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 2))
  (tuple.const (u32.const 0x1000) (u32.const 2) (u32.const 2) (u32.const 4))))
;; nothing
(assert_return (invoke "utf16-to-latin1" (u32.const 96) (u32.const 0)) (u32.const 0))
(assert_return (invoke "utf16-to-latin1-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 0))))

;; latin1+utf16 to utf8
;; letters
(assert_return (invoke "latin1-to-utf8" (u32.const 16) (u32.const 2)) (u32.const 2))
(assert_return (invoke "latin1-to-utf8-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 1) (u32.const 2))))
;; latin1
(assert_return (invoke "latin1-to-utf8" (u32.const 32) (u32.const 2)) (u32.const 3))
(assert_return (invoke "latin1-to-utf8-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 1) (u32.const 2))
  (tuple.const (u32.const 0x1000) (u32.const 2) (u32.const 1) (u32.const 4))
  (tuple.const (u32.const 0x1000) (u32.const 4) (u32.const 1) (u32.const 3))))
;; wide last
(assert_return (invoke "latin1-to-utf8" (u32.const 48) (u32.const 0x8000_0003)) (u32.const 5))
(assert_return (invoke "latin1-to-utf8-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 1) (u32.const 3))
  (tuple.const (u32.const 0x1000) (u32.const 3) (u32.const 1) (u32.const 9))
  (tuple.const (u32.const 0x1000) (u32.const 9) (u32.const 1) (u32.const 5))))
;; wide first
(assert_return (invoke "latin1-to-utf8" (u32.const 64) (u32.const 0x8000_0003)) (u32.const 5))
(assert_return (invoke "latin1-to-utf8-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 1) (u32.const 3))
  (tuple.const (u32.const 0x1000) (u32.const 3) (u32.const 1) (u32.const 9))
  (tuple.const (u32.const 0x1000) (u32.const 9) (u32.const 1) (u32.const 5))))
;; pair
(assert_return (invoke "latin1-to-utf8" (u32.const 80) (u32.const 0x8000_0002)) (u32.const 4))
(assert_return (invoke "latin1-to-utf8-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 1) (u32.const 2))
  (tuple.const (u32.const 0x1000) (u32.const 2) (u32.const 1) (u32.const 6))
  (tuple.const (u32.const 0x1000) (u32.const 6) (u32.const 1) (u32.const 4))))
;; nothing
(assert_return (invoke "latin1-to-utf8" (u32.const 96) (u32.const 0)) (u32.const 0))
(assert_return (invoke "latin1-to-utf8-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 1) (u32.const 0))))
;; latin1, written as utf16
(assert_return (invoke "latin1-to-utf8" (u32.const 112) (u32.const 0x8000_0002)) (u32.const 3))
(assert_return (invoke "latin1-to-utf8-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 1) (u32.const 2))
  (tuple.const (u32.const 0x1000) (u32.const 2) (u32.const 1) (u32.const 6))
  (tuple.const (u32.const 0x1000) (u32.const 6) (u32.const 1) (u32.const 3))))

;; latin1+utf16 to utf16
;; letters
(assert_return (invoke "latin1-to-utf16" (u32.const 16) (u32.const 2)) (u32.const 2))
(assert_return (invoke "latin1-to-utf16-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 4))))
;; latin1
(assert_return (invoke "latin1-to-utf16" (u32.const 32) (u32.const 2)) (u32.const 2))
(assert_return (invoke "latin1-to-utf16-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 4))))
;; wide last
(assert_return (invoke "latin1-to-utf16" (u32.const 48) (u32.const 0x8000_0003)) (u32.const 3))
(assert_return (invoke "latin1-to-utf16-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 6))))
;; wide first
(assert_return (invoke "latin1-to-utf16" (u32.const 64) (u32.const 0x8000_0003)) (u32.const 3))
(assert_return (invoke "latin1-to-utf16-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 6))))
;; pair
(assert_return (invoke "latin1-to-utf16" (u32.const 80) (u32.const 0x8000_0002)) (u32.const 2))
(assert_return (invoke "latin1-to-utf16-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 4))))
;; nothing
(assert_return (invoke "latin1-to-utf16" (u32.const 96) (u32.const 0)) (u32.const 0))
(assert_return (invoke "latin1-to-utf16-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 0))))
;; latin1, written as utf16
(assert_return (invoke "latin1-to-utf16" (u32.const 112) (u32.const 0x8000_0002)) (u32.const 2))
(assert_return (invoke "latin1-to-utf16-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 4))))

;; latin1+utf16 to latin1+utf16
;; letters
(assert_return (invoke "latin1-to-latin1" (u32.const 16) (u32.const 2)) (u32.const 2))
(assert_return (invoke "latin1-to-latin1-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 2))))
;; latin1
(assert_return (invoke "latin1-to-latin1" (u32.const 32) (u32.const 2)) (u32.const 2))
(assert_return (invoke "latin1-to-latin1-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 2))))
;; wide last
(assert_return (invoke "latin1-to-latin1" (u32.const 48) (u32.const 0x8000_0003)) (u32.const 0x8000_0003))
(assert_return (invoke "latin1-to-latin1-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 6))))
;; wide first
(assert_return (invoke "latin1-to-latin1" (u32.const 64) (u32.const 0x8000_0003)) (u32.const 0x8000_0003))
(assert_return (invoke "latin1-to-latin1-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 6))))
;; pair
(assert_return (invoke "latin1-to-latin1" (u32.const 80) (u32.const 0x8000_0002)) (u32.const 0x8000_0002))
(assert_return (invoke "latin1-to-latin1-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 4))))
;; nothing
(assert_return (invoke "latin1-to-latin1" (u32.const 96) (u32.const 0)) (u32.const 0))
(assert_return (invoke "latin1-to-latin1-calls") (list.const (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 0))))
;; latin1, written as utf16
(assert_return (invoke "latin1-to-latin1" (u32.const 112) (u32.const 0x8000_0002)) (u32.const 2))
(assert_return (invoke "latin1-to-latin1-calls") (list.const
  (tuple.const (u32.const 0) (u32.const 0) (u32.const 2) (u32.const 4))
  (tuple.const (u32.const 0x1000) (u32.const 4) (u32.const 1) (u32.const 2))))
