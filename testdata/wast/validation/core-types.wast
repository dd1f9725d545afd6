;; Core types at the borders of modules: the types of garbage collection, 64-bit memories
;; and tables, tags and page sizes. A module fits the type that it is given for where each
;; of its exports is a subtype of the one that is wanted and each of its imports is
;; provided; types are the same where their recursion groups are, wherever they are
;; written.
;; Spec: Explainer.md#type-checking

(component definition
  ;; functions of types that are written twice
  (core module $m
    (rec (type $a (struct (field (ref null $b)))) (type $b (array (mut (ref null $a)))))
    (func (export "f") (param (ref null $a)) (result (ref null $b)) unreachable))
  (component $C
    (import "m" (core module $m
      (rec (type $x (struct (field (ref null $y)))) (type $y (array (mut (ref null $x)))))
      (type $f (func (param (ref null $x)) (result (ref null $y))))
      (export "f" (func (type $f))))))
  (instance (instantiate $C (with "m" (core module $m)))))

;; another group is another type
(assert_invalid
  (component
    (core module $m
      (type $a (struct (field i32)))
      (func (export "f") (param (ref null $a)) unreachable))
    (component $C
      (import "m" (core module $m
        (type $x (struct (field i64)))
        (type $f (func (param (ref null $x))))
        (export "f" (func (type $f))))))
    (instance (instantiate $C (with "m" (core module $m)))))
  "f")
;; and so is the same type in a group with others
(assert_invalid
  (component
    (core module $m
      (rec (type $a (struct)) (type (struct (field i32))))
      (func (export "f") (param (ref null $a)) unreachable))
    (component $C
      (import "m" (core module $m
        (type $x (struct))
        (type $f (func (param (ref null $x))))
        (export "f" (func (type $f))))))
    (instance (instantiate $C (with "m" (core module $m)))))
  "f")

;; a subtype that says so is one, in results of globals that don't change
(component definition
  (core module $m
    (type $a (sub (struct)))
    (type $b (sub $a (struct (field i32))))
    (global (export "g") (ref null $b) (ref.null $b)))
  (component $C
    (import "m" (core module $m
      (type $x (sub (struct)))
      (export "g" (global (ref null $x))))))
  (instance (instantiate $C (with "m" (core module $m)))))
(assert_invalid
  (component
    (core module $m
      (type $a (sub (struct)))
      (type $b (sub $a (struct (field i32))))
      (global (export "g") (mut (ref null $b)) (ref.null $b)))
    (component $C
      (import "m" (core module $m
        (type $x (sub (struct)))
        (export "g" (global (mut (ref null $x)))))))
    (instance (instantiate $C (with "m" (core module $m)))))
  "g")

;; memories and tables have addresses of one kind
(component definition
  (core module $m (memory (export "m") i64 2 3) (table (export "t") i64 4 funcref))
  (component $C
    (import "m" (core module $m (export "m" (memory i64 1)) (export "t" (table i64 2 funcref)))))
  (instance (instantiate $C (with "m" (core module $m)))))
(assert_invalid
  (component
    (core module $m (memory (export "m") i64 1))
    (component $C (import "m" (core module $m (export "m" (memory 1)))))
    (instance (instantiate $C (with "m" (core module $m)))))
  "m")
(assert_invalid
  (component
    (core module $m (table (export "t") 1 funcref))
    (component $C (import "m" (core module $m (export "t" (table i64 1 funcref)))))
    (instance (instantiate $C (with "m" (core module $m)))))
  "t")
;; limits only get narrower
(assert_invalid
  (component
    (core module $m (memory (export "m") 1 5))
    (component $C (import "m" (core module $m (export "m" (memory 1 4)))))
    (instance (instantiate $C (with "m" (core module $m)))))
  "m")
(assert_invalid
  (component
    (core module $m (memory (export "m") 1))
    (component $C (import "m" (core module $m (export "m" (memory 2)))))
    (instance (instantiate $C (with "m" (core module $m)))))
  "m")

;; tags have one type each
(component definition
  (core module $m (tag (export "t") (param i32)))
  (component $C (import "m" (core module $m (export "t" (tag (param i32))))))
  (instance (instantiate $C (with "m" (core module $m)))))
(assert_invalid
  (component
    (core module $m (tag (export "t") (param i32)))
    (component $C (import "m" (core module $m (export "t" (tag (param i64))))))
    (instance (instantiate $C (with "m" (core module $m)))))
  "t")

;; what a module wants is contravariant
(component definition
  (core module $m (import "a" "m" (memory 1)))
  (component $C
    (import "m" (core module $m (import "a" "m" (memory 2 3)) (import "a" "f" (func)))))
  (instance (instantiate $C (with "m" (core module $m)))))
(assert_invalid
  (component
    (core module $m (import "a" "m" (memory 2)))
    (component $C (import "m" (core module $m (import "a" "m" (memory 1)))))
    (instance (instantiate $C (with "m" (core module $m)))))
  "m")
(assert_invalid
  (component
    (core module $m (import "a" "f" (func)))
    (component $C (import "m" (core module $m)))
    (instance (instantiate $C (with "m" (core module $m)))))
  "f")

;; instances are checked with the same rules
(component definition
  (core module $p (type $a (struct (field i32))) (func (export "f") (result (ref null $a)) (ref.null $a)))
  (core module $q (type (func)) (type $a (struct (field i32))) (import "p" "f" (func (result (ref null $a)))))
  (core instance $p (instantiate $p))
  (core instance (instantiate $q (with "p" (instance $p)))))
;; a function type is no subtype of another without saying so
(assert_invalid
  (component
    (core module $p (type $a (struct (field i32))) (func (export "f") (result (ref null $a)) (ref.null $a)))
    (core module $q (import "p" "f" (func (result structref))))
    (core instance $p (instantiate $p))
    (core instance (instantiate $q (with "p" (instance $p)))))
  "f")
(assert_invalid
  (component
    (core module $p (type $a (struct (field i32))) (func (export "f") (param (ref null $a))))
    (core module $q (type $a (struct (field i64))) (import "p" "f" (func (param (ref null $a)))))
    (core instance $p (instantiate $p))
    (core instance (instantiate $q (with "p" (instance $p)))))
  "f")
