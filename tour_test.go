package gondola

import (
	"context"
	"strings"
	"testing"
)

// The tour is a guest that has a bit of everything that calls are about.

const tourWIT = `
import later: async func(x: u32) -> u32;
import soon: async func(x: u32) -> u32;
import now: func(x: u32) -> u32;
import fail: func(x: u32) -> result<u32, string>;
export add: func(a: s32, b: s32) -> s32;
export at-once: async func(x: u32) -> u32;
export call-later: async func(x: u32) -> u32;
export call-soon: async func(x: u32) -> u32;
export call-now: func(x: u32) -> u32;
export call-fail: func(x: u32);
export door: func(delta: s32);
export entered: func() -> u32;
export spin: func();
export spin-async: async func();
export spin-when-cancelled: async func(x: u32) -> u32;
export yield-forever: async func();
export crash: func();
export greet: func(name: string) -> string;
`

// tourCore keeps per call, at the address in the task's context slot, the result of
// its call of later, its waitable set, the subtask, and whether the call has
// resolved as cancelled.
const tourCore = `
import $root [async-lower]later i32 i32 -> i32 = later
import $root [async-lower]soon i32 i32 -> i32 = soon
import $root now i32 -> i32 = now
import $root fail i32 i32 -> = fail
import $root [waitable-set-new] -> i32 = set-new
import $root [waitable-set-drop] i32 -> = set-drop
import $root [waitable-join] i32 i32 -> = join
import $root [subtask-drop] i32 -> = subtask-drop
IMPORT-CANCEL
import $root [context-set-0] i32 -> = context-set
import $root [context-get-0] -> i32 = context-get
import $root [backpressure-inc] -> = inc
import $root [backpressure-dec] -> = dec
import [export]$root [task-return]at-once i32 -> = return-at-once
import [export]$root [task-return]call-later i32 -> = return-later
import [export]$root [task-return]call-soon i32 -> = return-soon
import [export]$root [task-return]spin-when-cancelled i32 -> = return-spin
import [export]$root [task-cancel] -> = task-cancel
memory 4
global count i32 0
` + reallocSource + `
export add i32 i32 -> i32
  local.get 0 local.get 1 i32.add

export [async-lift]at-once i32 -> i32
  local.get 0 call return-at-once
  i32.const 0
export [callback][async-lift]at-once i32 i32 i32 -> i32
  unreachable

func start-later i32 -> i32 / i32 i32 i32  ;; the callback code to return
  global.get count i32.const 1 i32.add global.set count
  i32.const 0 i32.const 0 i32.const 4 i32.const 16 call cabi_realloc local.set 1
  local.get 0 local.get 1 call later local.set 2
  local.get 2 i32.const 15 i32.and i32.const 2 i32.eq
  if
    local.get 1 i32.load 0 call return-later
    i32.const 0 return
  end
  call set-new local.set 3
  local.get 2 i32.const 4 i32.shr_u local.tee 2
  local.get 3 call join
  local.get 1 local.get 3 i32.store 4
  local.get 1 local.get 2 i32.store 8
  local.get 1 call context-set
  local.get 3 i32.const 4 i32.shl i32.const 2 i32.or
func finish-later i32 i32 -> i32  ;; address and subtask state
  local.get 1 i32.const 2 i32.lt_u
  if  ;; started
    local.get 0 i32.load 4 i32.const 4 i32.shl i32.const 2 i32.or
    return
  end
  local.get 0 i32.load 8 call subtask-drop
  local.get 0 i32.load 4 call set-drop
  local.get 1 i32.const 2 i32.eq
  if
    local.get 0 i32.load 12 i32.eqz
    if
      local.get 0 i32.load 0 call return-later
    end
  else
    call task-cancel
  end
  i32.const 0

export [async-lift]call-later i32 -> i32
  local.get 0 call start-later
export [callback][async-lift]call-later i32 i32 i32 -> i32
  local.get 0 i32.const 6 i32.eq
  if
    ON-CANCEL
  end
  call context-get local.get 2 call finish-later

export [async-lift]call-soon i32 -> i32
  local.get 0 i32.const 64 call soon
  i32.const 2 i32.ne
  if
    unreachable
  end
  i32.const 64 i32.load 0 call return-soon
  i32.const 0
export [callback][async-lift]call-soon i32 i32 i32 -> i32
  unreachable

export call-now i32 -> i32
  local.get 0 call now
export call-fail i32 ->
  local.get 0 i32.const 64 call fail

export door i32 ->
  local.get 0 i32.const 0 i32.gt_s
  if
    call inc
  else
    call dec
  end
export entered -> i32
  global.get count

func forever ->
  loop
    br 0
  end
export spin ->
  call forever
export [async-lift]spin-async -> i32
  call forever
  i32.const 0
export [callback][async-lift]spin-async i32 i32 i32 -> i32
  unreachable

export [async-lift]spin-when-cancelled i32 -> i32
  local.get 0 call start-later
export [callback][async-lift]spin-when-cancelled i32 i32 i32 -> i32
  call forever
  i32.const 0

export [async-lift]yield-forever -> i32
  i32.const 1
export [callback][async-lift]yield-forever i32 i32 i32 -> i32
  i32.const 1

func deeper ->
  unreachable
export crash ->
  call deeper

export greet i32 i32 -> i32 / i32
  i32.const 0 i32.const 0 i32.const 4 i32.const 8 call cabi_realloc local.tee 2
  local.get 0 i32.store 0
  local.get 2 local.get 1 i32.store 4
  local.get 2
`

// leaveAtOnce is a tour whose tasks resolve as cancelled as soon as they are asked
// to, and only then wait for the host.
var leaveAtOnce = strings.NewReplacer("IMPORT-CANCEL\n", "", "ON-CANCEL", `
    call task-cancel
    call context-get i32.const 1 i32.store 12
    call context-get i32.load 4 i32.const 4 i32.shl i32.const 2 i32.or return
`).Replace(tourCore)

// cancelFirst is a tour whose tasks cancel their call of the host, wait on their
// stack until it has ended, and do as it did. Its instances need coroutines.
var cancelFirst = strings.NewReplacer("IMPORT-CANCEL\n", "import $root [subtask-cancel] i32 -> i32 = subtask-cancel\n", "ON-CANCEL", `
    call context-get i32.load 8 i32.const 0 call join
    call context-get i32.load 8 call subtask-cancel local.set 2
`).Replace(tourCore)

// tourHost gives the tour plain imports.
func tourHost(l *Linker) {
	l.Func("", "later", func(_ context.Context, x uint32) (uint32, error) { return x + 1, nil })
	l.Func("", "soon", func(_ context.Context, x uint32) (uint32, error) { return x + 2, nil }, Ready())
	l.Func("", "now", func(_ context.Context, x uint32) (uint32, error) { return x + 3, nil })
	l.Func("", "fail", func(context.Context, uint32) (uint32, error) { return 0, &Err[string]{"as asked"} })
}

// tour makes an instance of leaveAtOnce. give may replace imports.
func tour(t testing.TB, give func(*Linker), opts ...Option) *Instance {
	t.Helper()
	return tourOf(t, leaveAtOnce, give, opts...)
}

// bothTours calls f with an instance of each.
func bothTours(t *testing.T, give func(*Linker), f func(t *testing.T, in *Instance)) {
	for name, core := range map[string]string{"on callers": leaveAtOnce, "on coroutines": cancelFirst} {
		t.Run(name, func(t *testing.T) {
			in := tourOf(t, core, give)
			if in.store.owned != (core == cancelFirst) {
				t.Fatalf("owned is %v", in.store.owned)
			}
			f(t, in)
		})
	}
}

func tourOf(t testing.TB, core string, give func(*Linker), opts ...Option) *Instance {
	t.Helper()
	return instantiateGuest(t, tourWIT, core, func(l *Linker) {
		tourHost(l)
		if give != nil {
			give(l)
		}
	}, opts...)
}
