package gondola

import (
	"strings"
	"testing"
)

// The pump is a guest that carries streams and futures: by itself, from one to a
// new one, or by handing back what it was given.

const pumpWIT = `
export bytes: async func(s: stream<u8>) -> stream<u8>;
export strings: async func(s: stream<string>) -> stream<string>;
export units: async func(s: stream) -> stream;
export text: async func(f: future<string>) -> future<string>;
export number: async func(f: future<u8>) -> future<u8>;
export echo: async func(s: stream<u8>) -> stream<u8>;
export echo-strings: async func(s: stream<string>) -> stream<string>;
export echo-text: async func(f: future<string>) -> future<string>;
export hang-up: async func(s: stream<u8>, f: future<string>);
export keep: async func(s: stream<u8>, f: future<string>);
export never: async func() -> tuple<stream<u8>, future<string>>;
export crash: func();
export wait-for-nothing: async func();
`

var pumpCore = `
import $root [waitable-set-new] -> i32 = set-new
import $root [waitable-set-drop] i32 -> = set-drop
import $root [waitable-join] i32 i32 -> = join
import $root [context-set-0] i32 -> = context-set
import $root [context-get-0] -> i32 = context-get
` + streamPumpImports("bytes") + streamPumpImports("strings") + streamPumpImports("units") +
	futurePumpImports("text") + futurePumpImports("number") + `
import [export]$root [task-return]echo i32 -> = return-echo
import [export]$root [task-return]echo-strings i32 -> = return-echo-strings
import [export]$root [task-return]echo-text i32 -> = return-echo-text
import [export]$root [task-return]hang-up -> = return-hang-up
import [export]$root [task-return]keep -> = return-keep
import [export]$root [stream-drop-readable-0]hang-up i32 -> = drop-stream
import [export]$root [future-drop-readable-1]hang-up i32 -> = drop-future
import [export]$root [task-return]never i32 i32 -> = return-never
import [export]$root [stream-new-0]never -> i64 = new-stream
import [export]$root [future-new-1]never -> i64 = new-future
memory 16
` + reallocSource +
	streamPump("bytes", "1") + streamPump("strings", "8") + streamPump("units", "0") +
	futurePump("text") + futurePump("number") +
	echo("echo") + echo("echo-strings") + echo("echo-text") + `
func never-called i32 i32 i32 -> i32
  unreachable
export [async-lift]hang-up i32 i32 -> i32
  local.get 0 call drop-stream
  local.get 1 call drop-future
  call return-hang-up
  i32.const 0
export [callback][async-lift]hang-up i32 i32 i32 -> i32
  unreachable
export [async-lift]keep i32 i32 -> i32
  call return-keep
  i32.const 0
export [callback][async-lift]keep i32 i32 i32 -> i32
  unreachable
export [async-lift]never -> i32
  call new-stream i32.wrap_i64
  call new-future i32.wrap_i64
  call return-never
  i32.const 0
export [callback][async-lift]never i32 i32 i32 -> i32
  unreachable
export crash ->
  unreachable
export [async-lift]wait-for-nothing -> i32
  call set-new i32.const 4 i32.shl i32.const 2 i32.or
export [callback][async-lift]wait-for-nothing i32 i32 i32 -> i32
  unreachable
`

func echo(name string) string {
	return strings.ReplaceAll(`
export [async-lift]NAME i32 -> i32
  local.get 0 call return-NAME
  i32.const 0
export [callback][async-lift]NAME i32 i32 i32 -> i32
  unreachable
`, "NAME", name)
}

func streamPumpImports(name string) string {
	return strings.ReplaceAll(`
import [export]$root [stream-new-1]NAME -> i64 = new-NAME
import [export]$root [async-lower][stream-read-0]NAME i32 i32 i32 -> i32 = read-NAME
import [export]$root [async-lower][stream-write-1]NAME i32 i32 i32 -> i32 = write-NAME
import [export]$root [stream-drop-readable-0]NAME i32 -> = drop-read-NAME
import [export]$root [stream-drop-writable-1]NAME i32 -> = drop-write-NAME
import [export]$root [task-return]NAME i32 -> = return-NAME
`, "NAME", name)
}

func futurePumpImports(name string) string {
	return strings.NewReplacer("stream", "future", "i32 i32 i32", "i32 i32").Replace(streamPumpImports(name))
}

// pumpTask is what the tasks of both sorts of pump have in common. At the address in
// the context slot lie the readable end, the writable end, the waitable set, the
// state (0 reads, 1 writes, 2 ends), and at 32 what was read.
const pumpTask = `
export [async-lift]NAME i32 -> i32 / i64 i32
  call new-NAME local.set 1
  i32.const 0 i32.const 0 i32.const 4 i32.const 128 call cabi_realloc local.set 2
  local.get 2 local.get 0 i32.store 0
  local.get 2 local.get 1 i64.const 32 i64.shr_u i32.wrap_i64 i32.store 4
  local.get 2 call set-new i32.store 8
  local.get 2 i32.const 0 i32.store 12
  local.get 2 call context-set
  local.get 1 i32.wrap_i64 call return-NAME
  local.get 2 call run-NAME
export [callback][async-lift]NAME i32 i32 i32 -> i32
  local.get 1 i32.const 0 call join
  call context-get local.get 2 call took-NAME
  call context-get call run-NAME
func run-NAME i32 -> i32 / i32 i32
  loop
    local.get 0 i32.load 12 i32.const 2 i32.eq
    if
      local.get 0 i32.load 0 call drop-read-NAME
      local.get 0 i32.load 4 call drop-write-NAME
      local.get 0 i32.load 8 call set-drop
      i32.const 0 return
    end
    local.get 0 i32.load 12
    if
      local.get 0 i32.load 4 local.set 1
      local.get 1 WRITE call write-NAME local.set 2
    else
      local.get 0 i32.load 0 local.set 1
      local.get 1 READ call read-NAME local.set 2
    end
    local.get 2 i32.const -1 i32.eq
    if
      local.get 1 local.get 0 i32.load 8 call join
      local.get 0 i32.load 8 i32.const 4 i32.shl i32.const 2 i32.or return
    end
    local.get 0 local.get 2 call took-NAME
    br 0
  end
  unreachable
`

// streamPump reads pieces of up to 8 elements of a size. At 16 lies how many it
// has read, at 20 how many of those it has written, at 24 whether it saw the end.
func streamPump(name, size string) string {
	return strings.NewReplacer("NAME", name, "SIZE", size).Replace(strings.NewReplacer(
		"READ", "local.get 0 i32.const 32 i32.add i32.const 8",
		"WRITE", `local.get 0 i32.const 32 i32.add local.get 0 i32.load 20 i32.const SIZE i32.mul i32.add
      local.get 0 i32.load 16 local.get 0 i32.load 20 i32.sub`,
	).Replace(pumpTask) + `
func took-NAME i32 i32 -> / i32
  local.get 1 i32.const 4 i32.shr_u local.set 2
  local.get 1 i32.const 15 i32.and local.set 1
  local.get 0 i32.load 12 i32.eqz
  if
    local.get 0 local.get 1 i32.store 24
    local.get 0 local.get 2 i32.store 16
    local.get 0 i32.const 0 i32.store 20
    local.get 0 i32.const 1 local.get 1 i32.const 1 i32.shl local.get 2 select i32.store 12
    return
  end
  local.get 0 local.get 0 i32.load 20 local.get 2 i32.add i32.store 20
  local.get 1
  if
    local.get 0 i32.const 2 i32.store 12
    return
  end
  local.get 0 i32.load 20 local.get 0 i32.load 16 i32.eq
  if
    local.get 0 local.get 0 i32.load 24 i32.const 1 i32.shl i32.store 12
  end
`)
}

func futurePump(name string) string {
	return strings.ReplaceAll(strings.NewReplacer(
		"READ", "local.get 0 i32.const 32 i32.add",
		"WRITE", "local.get 0 i32.const 32 i32.add",
	).Replace(pumpTask)+`
func took-NAME i32 i32 ->
  local.get 0 local.get 0 i32.load 12 i32.const 1 i32.add i32.store 12
`, "NAME", name)
}

// pump makes an instance of the pump.
func pump(t testing.TB) *Instance {
	t.Helper()
	return instantiateGuest(t, pumpWIT, pumpCore, nil)
}
