package corewasm

// pageSize is the size of a memory page.
const pageSize = 1 << 16

// data moves active segments of memory 0 into the image: as many from the front as
// can be moved, because later segments overwrite earlier ones.
//
// An active segment counts as dropped once it has been applied, so where bodies name
// data segments an empty passive one takes its place: both have length 0 for
// memory.init and data.drop. Where nobody names segments they vanish.
func (w *rewriter) data() {
	n := 0
	if w.o.ExtractData {
		n = w.extractable()
	}
	if !w.usesData {
		w.out.DataCount = nil
		w.out.Data = w.m.Data[n:]
		return
	}
	w.out.Data = append([]Data(nil), w.m.Data...)
	for i := range n {
		if w.out.Data[i].Mode == Active {
			w.out.Data[i] = Data{Mode: Passive}
		}
	}
}

// extractable fills the image and gives the number of segments that it replaces.
// Passive segments on the way don't matter.
func (w *rewriter) extractable() int {
	if w.m.NumImported(KindMemory) > 0 || len(w.m.Memories) == 0 {
		return 0
	}
	size := uint64(w.m.Memories[0].Limits.Min) * pageSize
	for i := range w.m.Data {
		d := &w.m.Data[i]
		if d.Mode != Active {
			continue
		}
		off, ok := d.Offset.I32()
		if !ok || d.Memory != 0 || uint64(uint32(off))+uint64(len(d.Init)) > size {
			return i
		}
		if len(d.Init) > 0 {
			w.res.Image = append(w.res.Image, ImageSegment{uint32(off), d.Init})
		}
	}
	return len(w.m.Data)
}
