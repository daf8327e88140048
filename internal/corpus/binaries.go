package corpus

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// elfHeader is the head of a 64-bit little-endian ELF file for x86-64 (the System V ABI's gABI,
// chapter 4). sections is the offset of count section headers; names is the index of their string table.
func elfHeader(kind uint16, sections uint64, count, names uint16) []byte {
	le := binary.LittleEndian
	b := append([]byte{0x7f, 'E', 'L', 'F', 2, 1, 1, 0}, make([]byte, 8)...)
	b = le.AppendUint16(b, kind)
	b = le.AppendUint16(b, 62)
	b = le.AppendUint32(b, 1)
	b = le.AppendUint64(b, 0x401000)
	b = le.AppendUint64(b, 0)
	b = le.AppendUint64(b, sections)
	b = le.AppendUint32(b, 0)
	for _, n := range []uint16{64, 56, 0, 64, count, names} {
		b = le.AppendUint16(b, n)
	}
	return b
}

type section struct {
	name string
	body []byte
}

// elfFile is an executable of sections alone; nothing runs it.
func elfFile(sections []section) []byte {
	le := binary.LittleEndian
	names := []byte{0}
	starts := make([]uint32, 0, len(sections)+1)
	for _, s := range append(sections, section{name: ".shstrtab"}) {
		starts = append(starts, uint32(len(names)))
		names = append(append(names, s.name...), 0)
	}
	var bodies bytes.Buffer
	headers := make([]byte, 64) // the first section is the null one
	write := func(name, kind uint32, body []byte) {
		for bodies.Len()%16 != 0 {
			bodies.WriteByte(0)
		}
		headers = le.AppendUint32(le.AppendUint32(headers, name), kind)
		// Flags, address, offset, size, link and info, alignment, size of entries.
		for _, n := range []uint64{2, 0x400000 + uint64(bodies.Len()), 64 + uint64(bodies.Len()), uint64(len(body)), 0, 16, 0} {
			headers = le.AppendUint64(headers, n)
		}
		bodies.Write(body)
	}
	for i, s := range sections {
		write(starts[i], 1, s.body)
	}
	write(starts[len(sections)], 3, names)
	for bodies.Len()%8 != 0 {
		bodies.WriteByte(0)
	}
	head := elfHeader(2, 64+uint64(bodies.Len()), uint16(len(sections)+2), uint16(len(sections)+1))
	return bytes.Join([][]byte{head, bodies.Bytes(), headers}, nil)
}

// elfStrings has the values among the constant strings of a C program, without their names.
func elfStrings(r *random, items []item) []byte {
	var rodata bytes.Buffer
	for _, it := range items {
		rodata.WriteString("usage: agent [options]\x00%s: cannot open %s\n\x00")
		rodata.WriteString(strings.ToLower(it.variable) + "\x00" + it.entry + "\x00")
	}
	return elfFile([]section{{".text", r.bytes(96 << 10)}, {".rodata", rodata.Bytes()}, {".data", r.bytes(4 << 10)}})
}

// goEmbedded has a file as go:embed puts it: between other constants, with nothing around it.
func goEmbedded(r *random, items []item) []byte {
	var rodata bytes.Buffer
	rodata.WriteString("runtime: goroutine stack exceeds bytes limitinvalid memory address or nil pointer dereference")
	for _, it := range items {
		rodata.WriteString(it.variable + "=" + it.entry + "\n")
	}
	rodata.WriteString("reflect.Value.Interface: cannot return value obtained from unexported field or method")
	info := append([]byte("\xff Go buildinf:\x08\x02"), make([]byte, 16)...)
	info = append(append(info, byte(len("go1.26.1"))), "go1.26.1\x00"...)
	return elfFile([]section{{".text", r.bytes(128 << 10)}, {".rodata", rodata.Bytes()}, {".go.buildinfo", info}, {".gopclntab", r.bytes(16 << 10)}})
}

// pythonBytecode is a module of CPython 3.11 that assigns each value to its name: Python/marshal.c
// and Lib/importlib/_bootstrap_external.py give the layout.
func pythonBytecode(_ *random, items []item) []byte {
	le := binary.LittleEndian
	object := func(kind byte, body string) string {
		return string(le.AppendUint32([]byte{kind}, uint32(len(body)))) + body
	}
	tuple := func(items []string) string {
		return string(le.AppendUint32([]byte{'('}, uint32(len(items)))) + strings.Join(items, "")
	}
	code := "\x97\x00" // RESUME
	var constants, names []string
	for i, it := range items {
		constants = append(constants, object('u', it.entry))
		names = append(names, object('u', it.variable))
		code += string([]byte{100, byte(i), 90, byte(i)}) // LOAD_CONST, STORE_NAME
	}
	constants = append(constants, "N")
	code += string([]byte{100, byte(len(items)), 83, 0}) // LOAD_CONST None, RETURN_VALUE
	const magic = 3495
	b := le.AppendUint16(nil, magic)
	b = append(b, '\r', '\n')
	for _, n := range []uint32{0, 1700000000, 400} { // flags, time and size of the source
		b = le.AppendUint32(b, n)
	}
	b = append(b, 'c')
	for _, n := range []uint32{0, 0, 0, 1, 0} { // three counts of arguments, stack size, flags
		b = le.AppendUint32(b, n)
	}
	b = append(b, object('s', code)+tuple(constants)+tuple(names)+tuple(nil)+object('s', "")+
		object('u', "settings.py")+object('u', "<module>")+object('u', "<module>")...)
	b = le.AppendUint32(b, 1)
	return append(b, object('s', "")+object('s', "")...)
}

// javaClass is a class with a constant string field for each value (The Java Virtual Machine
// Specification, chapter 4).
func javaClass(_ *random, items []item) []byte {
	be := binary.BigEndian
	var pool bytes.Buffer
	count := uint16(1)
	text := func(s string) uint16 {
		pool.WriteByte(1)
		pool.Write(be.AppendUint16(nil, uint16(len(s))))
		pool.WriteString(s)
		count++
		return count - 1
	}
	refer := func(tag byte, to uint16) uint16 {
		pool.WriteByte(tag)
		pool.Write(be.AppendUint16(nil, to))
		count++
		return count - 1
	}
	this := refer(7, text("com/corp/Settings"))
	super := refer(7, text("java/lang/Object"))
	kind, constant := text("Ljava/lang/String;"), text("ConstantValue")
	var fields []byte
	for _, it := range items {
		name, value := text(it.variable), refer(8, text(it.entry))
		for _, n := range []uint16{0x18, name, kind, 1, constant} { // static final
			fields = be.AppendUint16(fields, n)
		}
		fields = be.AppendUint16(be.AppendUint32(fields, 2), value)
	}
	b := []byte{0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52}
	b = append(be.AppendUint16(b, count), pool.Bytes()...)
	for _, n := range []uint16{0x21, this, super, 0, uint16(len(items))} {
		b = be.AppendUint16(b, n)
	}
	return append(append(b, fields...), 0, 0, 0, 0)
}
