;; Values of type map and of lists of fixed length, as arguments and results of guests
;; that pass them on: a map goes as a list of pairs, a list of fixed length lies in place.
;; Spec: CanonicalABI.md#loading, CanonicalABI.md#flattening

(component
  (component $Echo
    (core module $m
      (memory (export "mem") 1)
      (global $top (mut i32) (i32.const 1024))
      (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
        (local $at i32)
        (local.set $at (i32.and
          (i32.sub (i32.add (global.get $top) (local.get $align)) (i32.const 1))
          (i32.sub (i32.const 0) (local.get $align))))
        (global.set $top (i32.add (local.get $at) (local.get $new)))
        (local.get $at))
      (func (export "pair") (param i32 i32) (result i32)
        (i32.store (i32.const 16) (local.get 0))
        (i32.store (i32.const 20) (local.get 1))
        (i32.const 16))
      (func (export "three") (param i32 i32 i32) (result i32)
        (i32.store16 (i32.const 32) (local.get 0))
        (i32.store16 (i32.const 34) (local.get 1))
        (i32.store16 (i32.const 36) (local.get 2))
        (i32.const 32))
      (func (export "size") (param i32 i32) (result i32) (local.get 1)))
    (core instance $i (instantiate $m))
    (func (export "map") (param "m" (map string u32)) (result (map string u32))
      (canon lift (core func $i "pair") (memory (core memory $i "mem")) (realloc (core func $i "realloc"))))
    (func (export "map-size") (param "m" (map u8 u8)) (result u32)
      (canon lift (core func $i "size") (memory (core memory $i "mem")) (realloc (core func $i "realloc"))))
    (func (export "three") (param "l" (list u16 3)) (result (list u16 3))
      (canon lift (core func $i "three") (memory (core memory $i "mem"))))
    (func (export "nested") (param "l" (list (list u16 3) 1)) (result (list u16 3))
      (canon lift (core func $i "three") (memory (core memory $i "mem")))))
  (instance $echo (instantiate $Echo))
  (export "map" (func $echo "map"))
  (export "map-size" (func $echo "map-size"))
  (export "three" (func $echo "three"))
  (export "nested" (func $echo "nested")))

(assert_return (invoke "map" (map.const)) (map.const))
(assert_return
  (invoke "map" (map.const (entry (str.const "a") (u32.const 1)) (entry (str.const "") (u32.const 2))))
  (map.const (entry (str.const "") (u32.const 2)) (entry (str.const "a") (u32.const 1))))
(assert_return (invoke "map-size" (map.const (entry (u8.const 1) (u8.const 2)) (entry (u8.const 3) (u8.const 4)))) (u32.const 2))
(assert_return (invoke "three" (list.const (u16.const 1) (u16.const 2) (u16.const 65535)))
  (list.const (u16.const 1) (u16.const 2) (u16.const 65535)))
(assert_return (invoke "nested" (list.const (list.const (u16.const 7) (u16.const 8) (u16.const 9))))
  (list.const (u16.const 7) (u16.const 8) (u16.const 9)))

(assert_invalid (component (type (list u8 0))) "fixed-length list must have at least one element")
(assert_invalid (component (type (map (list u8) u8))) "map key")
