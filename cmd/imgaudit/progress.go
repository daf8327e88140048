package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cheggaaa/pb/v3"
	"golang.org/x/term"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// What the terminal shows while layers are read.
const (
	redrawEvery = 100 * time.Millisecond
	maxBars     = 8 // of layers that are being read
	maxColumns  = 100
)

// progress shows one bar for each layer that is being read and one line for all,
// and takes itself away at the end. It draws pb's bars by itself: pb's pool
// would change the terminal's mode, which a killed process does not change back.
type progress struct {
	out   io.Writer
	mu    sync.Mutex
	bars  map[string]*layerBar
	begun int
	done  int
	read  int64 // of layers that are done
	lines int   // drawn last
	start time.Time
	stop  chan struct{}
	ended chan struct{}
}

type layerBar struct {
	*pb.ProgressBar
	index int
	order int
}

// newProgress starts to draw. A nil writer gives a progress that shows nothing.
func newProgress(out io.Writer) *progress {
	p := &progress{
		out: out, bars: map[string]*layerBar{}, start: time.Now(),
		stop: make(chan struct{}), ended: make(chan struct{}),
	}
	if out != nil {
		go p.loop()
	}
	return p
}

// hook is what the walk tells its events to; nil if nothing is shown.
func (p *progress) hook() func(layers.Event) {
	if p.out == nil {
		return nil
	}
	return p.event
}

func (p *progress) event(e layers.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	bar := p.bars[e.Key]
	if bar == nil {
		if e.Stage == layers.Finished {
			return
		}
		bar = p.newBar(e)
		p.bars[e.Key] = bar
	}
	bar.SetCurrent(e.Read)
	if e.Stage == layers.Finished {
		p.done++
		p.read += e.Read
		delete(p.bars, e.Key)
	}
}

func (p *progress) newBar(e layers.Event) *layerBar {
	p.begun++
	bar := pb.New64(max(e.Layer.Size, 0))
	bar.SetTemplateString(`{{string . "name"}} {{bar . "[" "=" ">" " " "]"}} {{counters . }} {{speed . "%s/s" "…"}}`)
	// Only names of our own making stand here, so nothing has to be redacted.
	bar.Set("name", fmt.Sprintf("layer %-3d", e.Layer.Index))
	bar.Set(pb.Bytes, true).Set(pb.SIBytesPrefix, true).Set(pb.Static, true).Set(pb.Color, false).Set(pb.Terminal, false)
	return &layerBar{bar.Start(), e.Layer.Index, p.begun}
}

func (p *progress) loop() {
	defer close(p.ended)
	tick := time.NewTicker(redrawEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			p.draw()
		case <-p.stop:
			p.mu.Lock()
			fmt.Fprint(p.out, p.back())
			p.mu.Unlock()
			return
		}
	}
}

// close takes the bars away. It may be called twice.
func (p *progress) close() {
	if p.out == nil {
		return
	}
	select {
	case <-p.stop:
	default:
		close(p.stop)
	}
	<-p.ended
}

func (p *progress) draw() {
	rows, columns := 24, 80
	if file, ok := p.out.(*os.File); ok {
		if w, h, err := term.GetSize(int(file.Fd())); err == nil && w > 0 && h > 0 {
			rows, columns = h, w
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.begun == 0 {
		return
	}
	bars := slices.SortedFunc(maps.Values(p.bars), func(a, b *layerBar) int { return cmp.Compare(a.order, b.order) })
	bars = bars[:max(0, min(len(bars), maxBars, rows-3))]
	var b strings.Builder
	b.WriteString(p.back())
	read := p.read
	for _, bar := range p.bars {
		read += bar.Current()
	}
	width := min(columns, maxColumns) - 1
	for _, bar := range bars {
		bar.SetWidth(width)
		b.WriteString(cutLine(bar.String(), width) + "\n")
	}
	all := fmt.Sprintf("%s read, %s, %s/s", plural(p.done, "layer"), inBytes(float64(read)), inBytes(float64(read)/time.Since(p.start).Seconds()))
	b.WriteString(cutLine(all, width) + "\n")
	p.lines = len(bars) + 1
	fmt.Fprint(p.out, b.String())
}

// back moves to where the bars begin and wipes what is below.
func (p *progress) back() string {
	if p.lines == 0 {
		return ""
	}
	up := fmt.Sprintf("\x1b[%dA\r\x1b[J", p.lines)
	p.lines = 0
	return up
}

func cutLine(s string, width int) string {
	if r := []rune(strings.TrimRight(s, " \r\n")); len(r) > width {
		return string(r[:max(width, 0)])
	}
	return strings.TrimRight(s, " \r\n")
}

// inBytes writes a number of bytes for people.
func inBytes(n float64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	i := 0
	for n >= 1000 && i < len(units)-1 {
		n /= 1000
		i++
	}
	if i == 0 {
		return fmt.Sprintf("%.0f %s", n, units[i])
	}
	return fmt.Sprintf("%.1f %s", n, units[i])
}
