"""Replays what the Go implementation did on the specification's definitions.py.

    python3 replay.py path/of/definitions.py < traces

A trace is a line of JSON: the functions of a world, and everything that guests and
host did in it, in order. The specification permits many orders, so each decision that
definitions.py would draw lots for is taken from the trace, after a check that it is
one of those permitted; everything else must come out as the trace says. For each
trace a line says "ok", or where the two part.

replay_test.go writes the traces and says what is in them.
"""

import importlib.util
import json
import queue
import sys
import threading
import traceback
import zlib


def load(path):
    spec = importlib.util.spec_from_file_location("definitions", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["definitions"] = module
    spec.loader.exec_module(module)
    return module


D = load(sys.argv[1])

U32 = D.U32Type()
STREAM = D.StreamType(D.U8Type())
FUTURE = D.FutureType(D.U8Type())
PARAMS = {"": [], "stream": [STREAM], "future": [FUTURE]}


class Mismatch(BaseException):
    pass


class Over(BaseException):
    """The trace has come to something that the reference tests decide otherwise."""


verdicts = queue.Queue()
world = None


def ends_with(verdict):
    """Says how the replay ends, and stops: the other threads are left as they are."""
    verdicts.put(verdict)
    threading.Event().wait()


def guarded(f):
    def run(*args):
        try:
            return f(*args)
        except D.Trap:
            ends_with(world.trapped())
        except Mismatch as e:
            ends_with(str(e))
        except Over:
            ends_with("ok")
        except BaseException:
            ends_with("ok" if world.excused() else world.where() + traceback.format_exc())

    return run


def cont_new(f):
    """definitions.cont_new, for threads that may end by a trap or never."""
    cont = D.Continuation()
    cont.lock = D.new_already_acquired_lock()

    def base():
        cont.lock.acquire()
        D.thread_local_handler.value = cont.handler
        block_arg = guarded(f)(cont.block_result)
        handler = D.thread_local_handler.value
        handler.cont = None
        handler.block_arg = block_arg
        handler.lock.release()

    threading.Thread(target=base, daemon=True).start()
    return cont


class Thread(D.Thread):
    """A thread knows by which number the trace calls it."""

    def __init__(self, task, f):
        self.label = world.next_label
        super().__init__(task, f)


class Lots:
    """Stands in for the module random."""

    @staticmethod
    def choice(threads):
        if world.excused():
            raise Over()
        e = world.peek()
        want = e.get("t")
        for t in threads:
            if t.label == want:
                return t
        if e["k"] == "trap":
            # The fault is in the arguments that a thread asks its caller for first. Which
            # thread, the trace doesn't say.
            starting = [t for t in threads if t.task.state == D.Task.State.INITIAL]
            if len(starting) > 1:
                raise Over()
            if starting:
                return starting[0]
        raise Mismatch(world.where() + f"thread {want} may not go on; {sorted(t.label for t in threads)} may")

    @staticmethod
    def randint(low, high):
        e = world.peek()
        goes_on = e.get("t") == D.current_thread().label and e["k"] in ("start", "callback", "return")
        return 1 if goes_on else 0

    @staticmethod
    def shuffle(waitables):
        e = world.peek()
        event = e["a"] if e["k"] == "callback" else e["r"]
        table = D.current_instance().handles.array
        index = event[1]
        for i, w in enumerate(waitables):
            if index < len(table) and table[index] is w:
                waitables.insert(0, waitables.pop(i))
                return


def drop_shared_future(self):
    """SharedFutureImpl.drop, without an assertion that is mistaken about what waits: the
    buffer of a writer, whose reader has gone."""
    if not self.dropped:
        self.dropped = True
        if self.pending_buffer:
            self.reset_and_notify_pending(D.CopyResult.DROPPED)


def wait_for_resolution(self):
    """Waitable.wait_for_pending_event for a sync subtask.cancel. There may be an event
    already, that the subtask has started, of which the caller has not heard;
    canon_subtask_cancel asserts that what it waited for is the end."""
    self.has_sync_waiter = True
    D.current_thread().wait_until(self.resolved, cancellable=False)
    self.has_sync_waiter = False


D.SharedFutureImpl.drop = drop_shared_future
D.Subtask.wait_for_pending_event = wait_for_resolution
D.cont_new = cont_new
D.Thread = Thread
D.random = Lots


class Guest:
    """A component instance and its built-ins."""

    def __init__(self, store, number):
        self.inst = D.ComponentInstance(store)
        self.bytes = bytearray((i * (number + 3)) % 251 for i in range(256))
        self.mem = D.MemInst(self.bytes, "i32")
        self.sync, self.async_ = self.options(False), self.options(True)
        thread_type = D.CoreFuncType(["i32"], [])
        self.table = D.Table()
        self.table.add(D.CoreFuncRef(thread_type, self.explicit_thread))
        self.thread_type = thread_type

    def options(self, async_):
        opts = D.CanonicalOptions()
        opts.memory, opts.string_encoding, opts.realloc = self.mem, "utf8", None
        opts.post_return, opts.callback, opts.async_ = None, None, async_
        return opts

    def explicit_thread(self, args):
        world.take("start", args[0], [])
        self.body(args[0])
        return []

    def function(self, f):
        """Lifts a function of the world."""
        ft = D.FuncType([U32] + PARAMS[f["param"]], [U32], async_=f["async"])
        opts = self.options(f["lift"] != "sync")

        def core(args):
            label = args[0]
            world.take("start", label, args[1:])
            D.canon_context_set("i32", 0, label)
            return self.body(label)

        def callback(args):
            [label] = D.canon_context_get("i32", 0)
            world.take("callback", label, args)
            return self.body(label)

        if f["lift"] == "callback":
            opts.callback = callback
        return self.inst.store.lift(core, ft, opts, self.inst), ft

    def body(self, label):
        """Does what the trace says that the thread did, and returns what it returned."""
        while True:
            e = world.next(label)
            if e["k"] == "end":
                return e["r"]
            if e["k"] != "op":
                raise Mismatch(world.where(-1) + f"thread {label} runs, and the trace says {e}")
            results = self.do(e["n"], e["a"])
            world.take_results(label, results, self.bytes)

    def do(self, name, a):
        if name.startswith("call"):
            return self.call(name, a)
        if name.startswith("thread."):
            return self.thread(name, a)
        if name.startswith(("stream.", "future.")):
            return self.copy(name, a)
        mem = self.mem
        match name:
            case "task.return":
                return D.canon_task_return([U32], self.async_, a)
            case "task.cancel":
                return D.canon_task_cancel()
            case "backpressure.inc":
                return D.canon_backpressure_inc()
            case "backpressure.dec":
                return D.canon_backpressure_dec()
            case "waitable-set.new":
                return D.canon_waitable_set_new()
            case "waitable-set.wait":
                return self.event(D.canon_waitable_set_wait(False, mem, a[0], 0))
            case "waitable-set.wait cancellable":
                return self.event(D.canon_waitable_set_wait(True, mem, a[0], 0))
            case "waitable-set.poll":
                return self.event(D.canon_waitable_set_poll(False, mem, a[0], 0))
            case "waitable-set.poll cancellable":
                return self.event(D.canon_waitable_set_poll(True, mem, a[0], 0))
            case "waitable-set.drop":
                return D.canon_waitable_set_drop(a[0])
            case "waitable.join":
                return D.canon_waitable_join(a[0], a[1])
            case "subtask.cancel":
                return D.canon_subtask_cancel(False, a[0])
            case "subtask.cancel async":
                return D.canon_subtask_cancel(True, a[0])
            case "subtask.drop":
                return D.canon_subtask_drop(a[0])
        raise Mismatch("unknown operation " + name)

    def event(self, results):
        word = lambda at: int.from_bytes(self.bytes[at : at + 4], "little")
        return results + [word(0), word(4)]

    def call(self, name, a):
        f, label = a[0], a[1]
        callee, ft = world.functions[f]
        opts = self.async_ if name == "call async" else self.sync
        world.next_label = label
        return self.inst.store.lower(callee, ft, opts, self.inst)(a[1:])

    def thread(self, name, a):
        cancellable = name.endswith(" cancellable")
        match name.removesuffix(" cancellable"):
            case "thread.index":
                return D.canon_thread_index()
            case "thread.new-indirect":
                world.next_label = a[0]
                return D.canon_thread_new_indirect(self.thread_type, self.table, 1, a[0])
            case "thread.resume-later":
                return D.canon_thread_resume_later(a[0])
            case "thread.suspend":
                return D.canon_thread_suspend(cancellable)
            case "thread.yield":
                return D.canon_thread_yield(cancellable)
            case "thread.suspend-then-resume":
                return D.canon_thread_suspend_then_resume(cancellable, a[0])
            case "thread.yield-then-resume":
                return D.canon_thread_yield_then_resume(cancellable, a[0])
            case "thread.suspend-then-promote":
                return D.canon_thread_suspend_then_promote(cancellable, a[0])
            case "thread.yield-then-promote":
                return D.canon_thread_yield_then_promote(cancellable, a[0])
        raise Mismatch("unknown operation " + name)

    def copy(self, name, a):
        opts = self.async_ if name.endswith(" async") else self.sync
        what = name.removesuffix(" async").split(".")[1]
        prefix = "canon_" + name.split(".")[0] + "_"
        t = STREAM if name.startswith("stream") else FUTURE
        function = getattr(D, prefix + what.replace("-", "_"))
        match what:
            case "new":
                return function(t)
            case "read" | "write":
                return function(t, opts, *a)
            case "cancel-read" | "cancel-write":
                return function(t, opts.async_, *a)
            case _:
                return function(t, *a)


class World:
    def __init__(self, trace):
        self.trace, self.at = trace["entries"], 0
        self.next_label = 0
        self.store = D.Store()
        self.guests = [Guest(self.store, i) for i in range(trace["guests"])]
        self.functions = [self.guests[f["guest"]].function(f) for f in trace["functions"]]
        self.cancels = {}

    def peek(self, ahead=0):
        i = self.at + ahead
        return self.trace[i] if i < len(self.trace) else {"k": "nothing"}

    def where(self, ahead=0):
        return f"entry {self.at + ahead}: {self.peek(ahead)}: "

    def excused(self):
        """Whether the trace ends by a trap that the reference tests want earlier."""
        return any(self.peek(i)["k"] == "trap" and self.peek(i)["n"] == "excused" for i in (0, 1))

    def next(self, label):
        if self.excused():
            raise Over()
        e = self.peek()
        if e.get("t") != label:
            raise Mismatch(self.where() + f"thread {label} runs")
        self.at += 1
        return e

    def take(self, kind, label, args):
        e = self.next(label)
        if e["k"] != kind or e["a"] != args:
            raise Mismatch(self.where(-1) + f"it should be {kind} {args}")

    def take_results(self, label, results, memory):
        e = self.next(label)
        if e["k"] != "return":
            raise Mismatch(self.where(-1) + f"the operation should return {results}")
        if e["r"] != results:
            raise Mismatch(self.where(-1) + f"the results should be {results}")
        if e["m"] != zlib.crc32(memory):
            raise Mismatch(self.where(-1) + "the memory should be another")

    def trapped(self):
        if self.excused() or self.peek()["k"] == "trap":
            return "ok"
        return self.where() + "there should be a trap\n" + traceback.format_exc()

    def resolved(self, label, result):
        e = self.next(label)
        if e["k"] != "resolved" or e["r"] != (result or []):
            raise Mismatch(self.where(-1) + f"call {label} should resolve with {result}")

    def run(self):
        while self.at < len(self.trace):
            if self.excused():
                return "ok"
            e = self.peek()
            self.at += 1
            match e["k"]:
                case "invoke":
                    self.invoke(e["a"][0], e["t"])
                case "tick":
                    self.store.tick()
                case "cancel":
                    self.cancels[e["t"]](None)
                case "idle":
                    ready = [t.label for t in self.store.waiting if t.ready()]
                    if ready:
                        raise Mismatch(self.where(-1) + f"threads {ready} are ready")
                case _:
                    raise Mismatch(self.where(-1) + "no thread runs")
        return "ok"

    def invoke(self, f, label):
        self.next_label = label
        callee, _ = self.functions[f]
        on_start = lambda: [label]
        on_resolve = lambda result: self.resolved(label, result)
        self.cancels[label] = self.store.invoke(callee, on_start, on_resolve)


@guarded
def replay(line):
    global world
    world = World(json.loads(line))
    ends_with(world.run())


for line in sys.stdin:
    threading.Thread(target=replay, args=(line,), daemon=True).start()
    print(json.dumps(verdicts.get()), flush=True)
