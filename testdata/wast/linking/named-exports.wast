;; Core modules and resource types that a named component exports are importable
;; under its name, each instance's resource types are its own, and core modules are
;; compared with the type that is asked for.
;; Spec: Explainer.md#type-checking

(component $lib
  (core module $m
    (import "env" "base" (func $base (result i32)))
    (func (export "next") (result i32) (i32.add (call $base) (i32.const 1))))
  (export "m" (core module $m))
  (type $r (resource (rep i32)))
  (export "r" (type $r))
  (component $inner
    (core module $deep (func (export "f") (result i32) (i32.const 5)))
    (export "deep" (core module $deep)))
  (instance $inner (instantiate $inner))
  (export "inner" (instance $inner)))

;; with the imports in the order of its own, or in none
(component
  (import "lib" (instance $lib
    (export "m" (core module
      (import "env" "unused" (func))
      (import "env" "base" (func (result i32)))
      (export "next" (func (result i32)))))
    (export "inner" (instance
      (export "deep" (core module (export "f" (func (result i32)))))))))
  (core module $env
    (func (export "unused"))
    (func (export "base") (result i32) (i32.const 41)))
  (core instance $env (instantiate $env))
  (alias export $lib "m" (core module $m))
  (core instance $m (instantiate $m (with "env" (instance $env))))
  (alias export $lib "inner" (instance $inner))
  (alias export $inner "deep" (core module $deep))
  (core instance $deep (instantiate $deep))
  (func (export "next") (result u32) (canon lift (core func $m "next")))
  (func (export "f") (result u32) (canon lift (core func $deep "f"))))
(assert_return (invoke "next") (u32.const 42))
(assert_return (invoke "f") (u32.const 5))

;; a type that imports less than the module
(assert_unlinkable
  (component (import "lib" (instance (export "m" (core module (export "next" (func (result i32))))))))
  "module import `env::base` not defined")
;; a type that exports more
(assert_unlinkable
  (component (import "lib" (instance (export "m" (core module
    (import "env" "base" (func (result i32))) (export "next" (func (result i32))) (export "more" (func)))))))
  "module export `more` not defined")
;; a type whose export is another one
(assert_unlinkable
  (component (import "lib" (instance (export "m" (core module
    (import "env" "base" (func (result i32))) (export "next" (func (result i64))))))))
  "export type mismatch")
;; what is no core module, or not there
(assert_unlinkable (component (import "lib" (instance (export "m" (func))))) "expected func found module")
(assert_unlinkable (component (import "lib" (instance (export "n" (core module))))) "was not found")

;; resource types of two instances are never the same
(component definition $res (type $r (resource (rep i32))) (export "r" (type $r)))
(component instance $one $res)
(component instance $two $res)
(component
  (import "one" (instance $one (export "r" (type (sub resource)))))
  (import "two" (instance (export "r" (type (sub resource))))))
(assert_unlinkable
  (component
    (import "one" (instance $one (export "r" (type (sub resource)))))
    (alias export $one "r" (type $r))
    (import "two" (instance (export "r" (type (eq $r))))))
  "mismatched resource types")
;; but one is the same as itself, and a name that only repeats it need not be given
(component
  (import "one" (instance $one (export "r" (type (sub resource)))))
  (alias export $one "r" (type $r))
  (import "nowhere" (instance (export "r" (type (eq $r))))))
