package secrets

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/imgaudit/imgaudit/internal/unpack"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// Options say how secrets are looked for. The zero value works.
type Options struct {
	Workers int       // texts scanned at once, and archives opened beside the walk, over all layers; 0 means one for each processor
	Rules   *RuleSet  // instead of gitleaks' default rules; nil means those
	Now     time.Time // what the expiry of tokens and certificates is judged by; zero means the time of the call
}

// Scanner finds secrets. It implements [layers.Scanner]. It is safe for use by
// many goroutines, owns none between calls, and needs no closing.
type Scanner struct {
	engine *engine
	specs  []spec // by the engine's rule
	byID   map[string]int
	slots  chan struct{}
	bufs   sync.Pool
	opener unpack.Opener
	packed packed        // archives that wait to be opened
	turns  chan struct{} // of those that are
	now    time.Time
	byPath []rule // that look at names alone
	known  *knownPieces
}

// New makes a scanner with the default rules.
func New(opts Options) (*Scanner, error) {
	e, err := sharedEngine()
	if opts.Rules != nil {
		e, err = newEngine(withOwn(opts.Rules.rules))
	}
	if err != nil {
		return nil, err
	}
	workers := opts.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	s := &Scanner{
		engine: e, byID: map[string]int{}, slots: make(chan struct{}, workers), turns: make(chan struct{}, workers),
		now: opts.Now, known: newKnownPieces(),
	}
	s.packed.left.Store(mostPacked / conduitPiece)
	if s.now.IsZero() {
		s.now = time.Now()
	}
	if opts.Rules != nil {
		s.byPath = opts.Rules.byPath
	}
	for i, r := range e.rules {
		s.specs = append(s.specs, specOf(r))
		s.byID[r.id] = i
	}
	return s, nil
}

// sharedEngine is the engine of the default rules, as immutable as they are and
// planned when it is first asked for.
var sharedEngine = sync.OnceValues(func() (*engine, error) {
	gitleaks, err := defaultRules()
	if err != nil {
		return nil, err
	}
	e, err := newEngine(withOwn(gitleaks))
	if err != nil {
		return nil, fmt.Errorf("planning secret rules: %w", err)
	}
	return e, nil
})

// withOwn adds the rules that are not gitleaks'. One that a user's file has as well is the user's.
func withOwn(rules []rule) []rule {
	own := slices.Concat(ownRules(), kindRules(), speechRules())
	// No rules of the engine, but hits may carry them.
	for _, id := range []string{ruleVariable, ruleFile, ruleHash, ruleGuessable, ruleStore} {
		own = append(own, rule{id: id})
	}
	own = slices.DeleteFunc(own, func(r rule) bool {
		return slices.ContainsFunc(rules, func(theirs rule) bool { return theirs.id == r.id })
	})
	wide := slices.Clone(rules)
	for i := range wide {
		wide[i].expr = widened(wide[i])
	}
	return slices.Concat(wide, own)
}

// Rules explains all rules, in the order of their ids.
func (s *Scanner) Rules() []finding.Rule {
	return catalogue(s.specs)
}

// Name implements [layers.Scanner].
func (s *Scanner) Name() string { return Name }

// Layer implements [layers.Scanner].
func (s *Scanner) Layer(ctx context.Context, _ layers.Layer) layers.LayerScanner {
	return newLayerScan(ctx, s)
}

func (s *Scanner) newBatch() *batch {
	if b, ok := s.bufs.Get().(*batch); ok {
		return b
	}
	return &batch{buf: make([]byte, 0, pieceSize)}
}

func (s *Scanner) free(b *batch) {
	clear(b.pieces)
	b.buf, b.pieces = b.buf[:0], b.pieces[:0]
	s.bufs.Put(b)
}

// scanText gives the hits in a short text, such as a variable of the configuration.
func (s *Scanner) scanText(content string) []rawHit {
	b := []byte(content)
	var hits []rawHit
	for _, m := range s.engine.scan(text{bytes: b, to: len(b), first: true, last: true}) {
		hits = append(hits, rawHit{match: m, name: nameBefore(b, m.start, m.secretStart)})
	}
	return hits
}
