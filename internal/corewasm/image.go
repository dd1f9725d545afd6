package corewasm

// pageSize is the size of a memory page.
const pageSize = 1 << 16

// data moves active segments of memory 0 into the image: as many from the front as
// can be moved, because later segments overwrite earlier ones. Where nobody names
// segments they vanish.
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
	if w.namesApplied {
		w.out.Data = append(w.out.Data, Data{Mode: Passive})
		count := uint32(len(w.out.Data))
		w.out.DataCount = &count
	}
}

// dataOp makes an instruction that names an active segment name an empty one. When
// code runs, such a segment has been applied and counts as dropped, which the
// engine forgets.
func (e *emitter) dataOp(r *instrReader) {
	w := e.w
	if w.m.Data[r.Index].Mode != Active {
		return
	}
	w.namesApplied = true
	e.flush(r.Pos)
	in := r.Instr
	in.Index = uint32(len(w.m.Data))
	e.dst = in.Append(e.dst)
	e.skip(r)
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
