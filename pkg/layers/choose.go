package layers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// choice is which image of several is meant: by name or tag, by digest, or none.
type choice struct{ name, digest string }

// parseChoice reads what stands behind a path: ":NAME", ":TAG", "@DIGEST".
func parseChoice(s string) choice {
	if digest, ok := strings.CutPrefix(s, "@"); ok {
		return choice{digest: digest}
	}
	s = strings.TrimPrefix(s, ":")
	if _, digest, ok := strings.Cut(s, "@"); ok {
		return choice{digest: digest} // NAME@DIGEST: the digest says all
	}
	return choice{name: s}
}

func (c choice) String() string {
	if c.digest != "" {
		return "@" + c.digest
	}
	return ":" + c.name
}

// listed is one image, or one index of images for several platforms, that a
// layout or an archive lists.
type listed struct {
	names   []string        // what it is called, the best name first
	item    *archiveItem    // of manifest.json, or nil
	entries []v1.Descriptor // of index.json; several where index.json itself lists the platforms
}

// pick finds the one that is meant, and the name by which it was found.
func (c choice) pick(all []listed, place string) (*listed, string, error) {
	var matches []*listed
	found := ""
	switch {
	case c.digest != "":
		for i := range all {
			if all[i].hasDigest(c.digest) {
				matches = append(matches, &all[i])
			}
		}
	case c.name != "":
		// A whole name is better than the same name in other words, and
		// that is better than its tag.
		for _, same := range []func(a, b string) bool{equal, sameName, sameTag} {
			for i := range all {
				j := slices.IndexFunc(all[i].names, func(n string) bool { return same(n, c.name) })
				if j >= 0 {
					matches = append(matches, &all[i])
					found = all[i].names[j]
				}
			}
			if len(matches) > 0 {
				break
			}
		}
	default:
		for i := range all {
			matches = append(matches, &all[i])
		}
	}
	switch {
	case len(matches) == 1:
		return matches[0], found, nil
	case len(matches) > 1 && c == choice{}:
		example := append(all[0].suffixes(), ":NAME")[0]
		return nil, "", fmt.Errorf("it holds %d images: choose one, as %s; it has %s", len(all), finding.EscapeText(place+example), list(all))
	case len(matches) > 1:
		return nil, "", fmt.Errorf("%s fits %d of its images: choose by the whole name or by digest; it has %s",
			finding.EscapeText(c.String()), len(matches), list(all))
	}
	return nil, "", fmt.Errorf("it has no image %s; it has %s", finding.EscapeText(c.String()), list(all))
}

func (l *listed) hasDigest(digest string) bool {
	if l.item != nil && l.item.configDigest() == digest {
		return true
	}
	return slices.ContainsFunc(l.entries, func(d v1.Descriptor) bool { return d.Digest.String() == digest })
}

// suffixes are what chooses this image: its names, or its tags if it has no
// whole name, or its digest.
func (l *listed) suffixes() []string {
	names := l.wholeNames()
	if len(names) == 0 {
		names = l.names
	}
	switch {
	case len(names) > 0:
		var all []string
		for _, n := range names {
			all = append(all, ":"+n)
		}
		return all
	case len(l.entries) > 0:
		return []string{"@" + l.entries[0].Digest.String()}
	case l.item != nil && l.item.configDigest() != "":
		return []string{"@" + l.item.configDigest()}
	}
	return nil
}

// maxListed is how many names an error lists.
const maxListed = 20

// list names the images for an error.
func list(all []listed) string {
	var names []string
	for i := range all {
		s := all[i].suffixes()
		if len(s) == 0 {
			s = []string{"one without a name"}
		}
		names = append(names, s...)
	}
	if len(names) == 0 {
		return "none"
	}
	if more := len(names) - maxListed; more > 0 {
		names = append(names[:maxListed], fmt.Sprintf("and %d more", more))
	}
	return finding.EscapeText(strings.Join(names, ", "))
}

func equal(a, b string) bool { return a == b }

// sameName reports whether two names mean the same image, as Docker reads them:
// app is docker.io/library/app:latest.
func sameName(a, b string) bool {
	x, y := fullName(a), fullName(b)
	return x != "" && x == y
}

func fullName(s string) string {
	ref, err := name.ParseReference(s, name.WeakValidation)
	if err != nil {
		return ""
	}
	return ref.Name()
}

// sameTag reports whether the tag of a name is the one that was asked for.
func sameTag(of, tag string) bool {
	i := strings.LastIndexByte(of, ':')
	return i >= 0 && of[i+1:] == tag
}
