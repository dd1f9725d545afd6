package wasi_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wasi"
)

// timezones calls both versions of wasi:clocks/timezone, without any code of a guest.
const timezones = `(component
	(import "wasi:clocks/system-clock@0.3.0" (instance $clock
		(type $i (record (field "seconds" s64) (field "nanoseconds" u32)))
		(export "instant" (type $instant (eq $i)))))
	(alias export $clock "instant" (type $instant))
	(import "wasi:clocks/timezone@0.3.0" (instance $zone
		(alias outer 1 $instant (type $i))
		(export "instant" (type $instant (eq $i)))
		(export "iana-id" (func (result (option string))))
		(export "utc-offset" (func (param "when" $instant) (result (option s64))))
		(export "to-debug-string" (func (result string)))))
	(export "three" (instance $zone))
	(import "wasi:clocks/wall-clock@0.2.0" (instance $wall
		(type $d (record (field "seconds" u64) (field "nanoseconds" u32)))
		(export "datetime" (type $datetime (eq $d)))))
	(alias export $wall "datetime" (type $datetime))
	(import "wasi:clocks/timezone@0.2.0" (instance $zone2
		(alias outer 1 $datetime (type $d))
		(export "datetime" (type $datetime (eq $d)))
		(export "utc-offset" (func (param "when" $datetime) (result s32)))))
	(export "two" (instance $zone2))
)`

// 0.3 counts nanoseconds where 0.2 counts seconds.
func TestTimezones(t *testing.T) {
	comp, err := rt.Compile(t.Context(), []byte(timezones))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		zone *time.Location
		want string
	}{
		{nil, `some("UTC") some(0) "UTC" 0`},
		{time.FixedZone("Asia/Kathmandu", 20700), `some("Asia/Kathmandu") some(20700000000000) "Asia/Kathmandu" 20700`},
		{time.FixedZone("America/Lima", -18000), `some("America/Lima") some(-18000000000000) "America/Lima" -18000`},
	} {
		l := rt.NewLinker()
		wasi.AddTo(l, wasi.Config{Timezone: c.zone})
		in, err := l.Instantiate(t.Context(), comp)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close(t.Context())
		call := func(instance, name string, args ...val.Value) val.Value {
			v, err := in.Func(instance, name).Call(t.Context(), args...)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		instant := val.Record(val.Field{Name: "seconds", Value: val.S64(0)}, val.Field{Name: "nanoseconds", Value: val.U32(0)})
		datetime := val.Record(val.Field{Name: "seconds", Value: val.U64(0)}, val.Field{Name: "nanoseconds", Value: val.U32(0)})
		got := fmt.Sprint(call("three", "iana-id"), " ", call("three", "utc-offset", instant), " ",
			call("three", "to-debug-string"), " ", call("two", "utc-offset", datetime))
		if got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
