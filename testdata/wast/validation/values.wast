;; Value imports, definitions, exports and start functions 🪙: values are used exactly
;; once, a value's bytes fit its type, and a start function takes and gives what its type
;; says. Components that have any of it are valid; instantiating them is not supported.
;; Spec: Binary.md#-value-definitions

(component definition
  ;; a value goes through
  (import "a" (value $a string))
  (export "b" (value $a)))
(component definition
  (import "a" (value $a u32))
  (component $C (import "x" (value $x u32)) (export "y" (value $x)))
  (instance $c (instantiate $C (with "x" (value $a))))
  (export "y" (value $c "y")))
(component definition
  (import "a" (value $a u32))
  (import "f" (func $f (param "x" u32) (result string)))
  (start $f (value $a) (result (value $r)))
  (export "r" (value $r)))

;; not used
(assert_invalid
  (component (import "a" (value $a string)))
  "value 0 was not used")
(assert_invalid
  (component
    (import "f" (func $f (result string)))
    (start $f (result (value $r))))
  "value 0 was not used")

;; used twice
(assert_invalid
  (component
    (import "a" (value $a string))
    (export "b" (value $a))
    (export "c" (value $a)))
  "value 0 cannot be used more than once")
(assert_invalid
  (component
    (import "a" (value $a string))
    (import "f" (func $f (param "x" string) (param "y" string)))
    (start $f (value $a) (value $a)))
  "value 0 cannot be used more than once")

;; start functions
(assert_invalid
  (component
    (import "a" (value $a u32))
    (import "f" (func $f (param "x" string)))
    (start $f (value $a)))
  "expected string, found u32")
(assert_invalid
  (component
    (import "f" (func $f (param "x" string)))
    (start $f))
  "start function requires 1 arguments")
(assert_invalid
  (component
    (import "f" (func $f))
    (start $f (result (value $r)))
    (export "r" (value $r)))
  "result arity")

;; constants
(component definition
  (value $a bool true)
  (value $b s8 -128)
  (value $c u64 18446744073709551615)
  (value $d char '\u{1f4a7}')
  (value $e string "text")
  (export "a" (value $a))
  (export "b" (value $b))
  (export "c" (value $c))
  (export "d" (value $d))
  (export "e" (value $e)))
(component definition
  (type $r' (record (field "x" u8) (field "y" (list string))))
  (import "r" (type $r (eq $r')))
  (value $v $r (record 1 (list "a" "b")))
  (export "v" (value $v)))
(assert_invalid
  (component (value $a bool true))
  "value 0 was not used")

;; bytes that are no value of their type
(assert_malformed
  (component binary
    "\00asm" "\0d\00\01\00"
    "\0c\04\01"          ;; one value
    "\7f\01\02")         ;; a bool that is 2
  "0x02 is no value of type bool")
