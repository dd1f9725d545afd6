package gondola

import (
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// Resource gives a resource type to components. drop is a func(*T), where *T, or
// any other Go type, stands for the resource in the host functions that take and
// return it; it is called when the guest drops what it owns, or with it goes
// away. It is called while the instance is held, so it must be quick and may not
// call the instance.
//
//	linker.Resource("wasi:filesystem/types@0.3.0", "descriptor", (*File).close)
//
// drop may also be a func(*T) error. The resource is gone either way; an error traps
// the guest that dropped it, and means nothing where the resource goes away with its
// owner.
func (l *Linker) Resource(instance, name string, drop any) {
	f := reflect.ValueOf(drop)
	if f.Kind() != reflect.Func || f.IsNil() || !isDrop(f.Type()) {
		panic(fmt.Sprintf("gondola: %s: the drop function of a resource is a func(T) or a func(T) error, got %T", Item{instance, name, nil}, drop))
	}
	l.changed()
	l.resources[linkKey(instance, name)] = &hostResource{goType: f.Type().In(0), drop: f}
}

func isDrop(gt reflect.Type) bool {
	fits := gt.NumOut() == 0 || gt.NumOut() == 1 && gt.Out(0) == errorType
	return gt.NumIn() == 1 && !gt.IsVariadic() && fits
}

// hostResource is a resource type that a linker gives.
type hostResource struct {
	goType reflect.Type
	drop   reflect.Value // func(goType), or func(goType) error
}

// handleTypes says which resource types of a component the host implements. It
// is how Go types are matched against handles.
type handleTypes struct {
	hosts  map[*types.Resource]*hostResource
	codecs *matcher // for everything that is converted to or from the component
}

func newHandleTypes() *handleTypes {
	h := &handleTypes{hosts: map[*types.Resource]*hostResource{}}
	h.codecs = &matcher{ext: h, cache: map[typePair]*codec{}}
	return h
}

// fits reports whether a Go value may stand for the resource.
func (r *hostResource) fits(v reflect.Value) bool {
	return v.IsValid() && v.Type().AssignableTo(r.goType) && !isNil(v)
}

func isNil(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Func, reflect.Chan:
		return v.IsNil()
	}
	return false
}

// bindResource makes a linker's resource type one of the store, for a resource
// type that a component imports.
func (s *store) bindResource(static *types.Resource) *cabi.ResourceType {
	rt := cabi.NewHostResourceType(static.Name(), func(rep uint32) {
		if err := s.dropHost(s.reps.take(rep).value, static); err != nil && s.core.Running() {
			panic(trap.Host(err))
		}
	})
	s.resources[static] = rt
	return rt
}

// dropHost calls the drop function of a host's resource, while the store is held.
// The error is the function's, or that it panicked.
func (s *store) dropHost(v reflect.Value, static *types.Resource) (err error) {
	h := s.handles.hosts[static]
	if h == nil || !h.fits(v) {
		return nil // it never got as far as to be one
	}
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{Func: "drop of " + static.Name(), Value: p, Stack: debug.Stack()}
		}
	}()
	out := h.drop.Call([]reflect.Value{v})
	if len(out) == 1 && !out[0].IsNil() {
		return out[0].Interface().(error)
	}
	return nil
}

// releaseResource drops an owned resource that was on its way to a guest.
func (s *store) releaseResource(r *cabi.Resource, static *types.Resource) {
	if r.Type.Host() {
		_ = s.dropHost(s.reps.take(uint32(r.Rep)).value, static)
		return
	}
	_ = s.core.DropResource(r) // a trap reaches whoever calls next
}

// endLoan frees the number by which a guest knew a resource that the host lent.
func (s *store) endLoan(v val.Resource) {
	if r, ok := v.(*cabi.Resource); ok && r.Type.Host() {
		s.reps.take(uint32(r.Rep))
	}
}

// repTable holds the resources of the host that guests know by numbers.
type repTable struct {
	values []*HostResource // nil where free
	free   []uint32
}

func (t *repTable) add(v *HostResource) uint32 {
	if n := len(t.free); n > 0 {
		rep := t.free[n-1]
		t.free = t.free[:n-1]
		t.values[rep] = v
		return rep
	}
	t.values = append(t.values, v)
	return uint32(len(t.values) - 1)
}

func (t *repTable) get(rep uint32) *HostResource { return t.values[rep] }

func (t *repTable) take(rep uint32) *HostResource {
	v := t.values[rep]
	t.values[rep] = nil
	t.free = append(t.free, rep)
	return v
}

// HostResource is a resource of the host in a dynamic value. It implements
// [val.Resource].
type HostResource struct{ value reflect.Value }

// NewHostResource makes a value of the host that a resource type of a linker
// stands for into one that a dynamic value can carry.
func NewHostResource(value any) *HostResource { return &HostResource{reflect.ValueOf(value)} }

// Value is the Go value.
func (r *HostResource) Value() any {
	if !r.value.IsValid() {
		return nil
	}
	return r.value.Interface()
}

func (r *HostResource) describe() string {
	if !r.value.IsValid() || isNil(r.value) {
		return "a nil resource"
	}
	return "a " + r.value.Type().String()
}

// ValResource marks the values that stand for resources.
func (*HostResource) ValResource() {}

// Resource is a resource that a guest implements and the host holds: one that it
// owns, or one that was lent to a host function for its call. It implements
// [val.Resource]: pass it to a guest as [val.Own], which gives it away, or as
// [val.Borrow]. It is safe for use from several goroutines.
type Resource struct {
	store *store
	core  *cabi.Resource

	// Read and written while the store is held.
	state resourceState
	lends int // calls under way that borrow it
}

// resourceState is whose a resource is.
//
//	owned ──▶ closing ──▶ gone
//	  └───────────────────▲
//	borrowed ─────────────┘ its call has ended
type resourceState uint8

const (
	ownedResource resourceState = iota
	borrowedResource
	closingResource // closed, but calls still borrow it
	goneResource
)

// ErrGone says that a resource was closed, given away, or lent for a call that has
// ended.
var ErrGone = errors.New("the resource is not the host's any more")

// ValResource marks the values that stand for resources.
func (*Resource) ValResource() {}

// Close drops the resource, which calls the guest's destructor. While calls are
// under way that borrow it, that waits for them; Close does not. Closing a
// resource again, or one that was given away, does nothing.
func (r *Resource) Close() error {
	r.store.post(r.closeNow)
	return nil
}

func (r *Resource) closeNow() {
	if r.state == ownedResource {
		r.state = closingResource
		r.dropIfUnused()
	}
}

func (r *Resource) dropIfUnused() {
	if r.state == closingResource && r.lends == 0 {
		r.state = goneResource
		_ = r.store.core.DropResource(r.core) // a trap reaches whoever calls next
	}
}

// wrapResource is what the embedder gets for a resource of a guest's value.
func (s *store) wrapResource(r *cabi.Resource, state resourceState) val.Resource {
	if !r.Type.Host() {
		return &Resource{store: s, core: r, state: state}
	}
	if state == ownedResource {
		return s.reps.take(uint32(r.Rep))
	}
	return s.reps.get(uint32(r.Rep))
}

// unwrapResource is what a guest gets for a resource of the embedder's value.
func (s *store) unwrapResource(v val.Resource, static *types.Resource, as resourceState) (*cabi.Resource, error) {
	switch r := v.(type) {
	case *HostResource:
		h, ok := s.handles.hosts[static]
		if !ok || !h.fits(r.value) {
			return nil, fmt.Errorf("got %s, want the resource %s", r.describe(), static.Name())
		}
		return &cabi.Resource{Type: s.resources[static], Rep: uint64(s.reps.add(r))}, nil
	case *Resource:
		return s.unwrapGuest(r, as)
	}
	return nil, errForeign(v, "a resource of this instance")
}

func (s *store) unwrapGuest(r *Resource, as resourceState) (*cabi.Resource, error) {
	switch {
	case r.store != s:
		return nil, errors.New("the resource belongs to another instance")
	case r.state != ownedResource && (r.state != borrowedResource || as == ownedResource):
		return nil, ErrGone
	case as == ownedResource && r.lends > 0:
		return nil, errors.New("the resource is given away while calls under way borrow it")
	case as == ownedResource:
		r.state = goneResource
	}
	return r.core, nil
}

// borrows are the resources that arguments lend, to be held for the time of the
// call.
func borrows(args []val.Value, ft *types.Func) []*Resource {
	var lent []*Resource
	for i, p := range ft.Params {
		if !p.Type.ContainsBorrow() {
			continue
		}
		_, _ = walk(args[i], p.Type, func(v val.Value, t *types.Type) (val.Value, error) {
			if r, ok := borrowed(v, t); ok {
				lent = append(lent, r)
			}
			return v, nil
		})
	}
	return lent
}

func borrowed(v val.Value, t *types.Type) (*Resource, bool) {
	if t.Kind() != types.KindBorrow {
		return nil, false
	}
	r, ok := v.Resource().(*Resource)
	return r, ok
}

// endBorrows makes what was lent to a host function unusable, when its call has
// ended.
func endBorrows(args []val.Value, ft *types.Func) {
	if !hasHandles(ft) {
		return
	}
	for _, r := range borrows(args, ft) {
		if r.state == borrowedResource {
			r.state = goneResource
		}
	}
}

func (h *handleTypes) own(gt reflect.Type, t *types.Type) (*codec, error) {
	return h.resource(gt, t, val.Own)
}

func (h *handleTypes) borrow(gt reflect.Type, t *types.Type) (*codec, error) {
	return h.resource(gt, t, val.Borrow)
}

var guestResourceType = reflect.TypeFor[*Resource]()

func (h *handleTypes) resource(gt reflect.Type, t *types.Type, make func(val.Resource) val.Value) (*codec, error) {
	r, host := h.hosts[t.Resource()]
	switch {
	case !host && gt == guestResourceType:
		return guestCodec(make), nil
	case !host:
		return nil, &matchError{t: t, gt: gt, reason: "a guest's resource is a *gondola.Resource"}
	case gt != r.goType:
		return nil, &matchError{t: t, gt: gt, reason: "the linker was given " + r.goType.String() + " for this resource"}
	}
	return &codec{
		toVal: func(src reflect.Value) (val.Value, error) {
			if isNil(src) {
				return val.Value{}, errNilResource
			}
			return make(NewHostResource(src.Interface())), nil // not src, which may be a variable
		},
		set: func(dst reflect.Value, v val.Value) error {
			dst.Set(v.Resource().(*HostResource).value)
			return nil
		},
	}, nil
}

var errNilResource = errors.New("a nil resource")

func guestCodec(make func(val.Resource) val.Value) *codec {
	return &codec{
		toVal: func(src reflect.Value) (val.Value, error) {
			if src.IsNil() {
				return val.Value{}, errNilResource
			}
			return make(src.Interface().(*Resource)), nil
		},
		set: func(dst reflect.Value, v val.Value) error {
			dst.Set(reflect.ValueOf(v.Resource()))
			return nil
		},
	}
}
