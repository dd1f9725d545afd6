;;! component_model_nested_names = true
;; Names of packages within packages 🪺, interface names with canonical versions 🔗, and
;; attributes 🏷️.
;; Spec: Explainer.md#import-and-export-definitions

(component definition
  ;; 🪺 namespaces and projections nest
  (import "a:b:c/d" (instance))
  (import "a:b/c/d" (instance))
  (import "a:b:c/d/e@1.0.0" (instance)))
(assert_invalid
  (component (import "a:b:c/d" (instance)) (import "a:b:c/d" (instance)))
  "conflicts")

;; 🔗 a canonical version keeps what decides on compatibility
(component definition
  (import "a:b/c@1" (versionsuffix ".2.3") (instance))
  (import "a:b/c@0.2" (versionsuffix ".6-rc.1") (instance))
  (import "a:b/c@0.0.1" (versionsuffix "-alpha") (instance))
  (import "a:b/c@2" (instance)))
(assert_invalid
  (component (import "a:b/c@1" (versionsuffix ".2") (instance)))
  "is no semantic version")
(assert_invalid
  (component (import "a:b/c@1" (versionsuffix "2.3") (instance)))
  "is no semantic version")
(assert_invalid
  (component (import "a:b/c@1" (versionsuffix "") (instance)))
  "is no semantic version")
(assert_invalid
  (component (import "a:b/c" (versionsuffix ".2.3") (instance)))
  "version")
(assert_invalid
  (component (import "a" (versionsuffix ".2.3") (instance)))
  "version")
(assert_invalid
  (component (import "a:b/c@0" (instance)))
  "version")
(assert_invalid
  (component (import "a:b/c@0.0" (instance)))
  "version")
(assert_invalid
  (component (import "a:b/c@1.2" (instance)))
  "version")
;; versions that only a suffix tells apart are one name
(assert_invalid
  (component
    (import "a:b/c@1" (versionsuffix ".2.3") (instance))
    (import "a:b/c@1" (versionsuffix ".3.0") (instance)))
  "conflicts")
;; and types don't look at it
(component definition
  (component $C (import "a:b/c@1" (versionsuffix ".2.3") (instance)))
  (instance $i)
  (instance (instantiate $C (with "a:b/c@1" (instance $i)))))

;; 🏷️ an interface can be implemented under several names
(component definition
  (import "primary" (implements "wasi:keyvalue/store") (instance))
  (import "secondary" (implements "wasi:keyvalue/store@1.0.0") (external-id "anything at all") (instance))
  (import "f" (external-id "https://example.com/") (func)))
(assert_invalid
  (component (import "primary" (implements "store") (instance)))
  "implements")
(assert_invalid
  (component (import "primary" (implements "wasi:keyvalue/store") (func)))
  "implements")
(assert_invalid
  (component (import "a:b/c" (implements "wasi:keyvalue/store") (instance)))
  "implements")
(assert_invalid
  (component (import "x" (external-id "a") (external-id "b") (func)))
  "external-id")
