package layers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// referrers asks the registry what refers to a manifest. A mirror that answers is
// believed, also if it knows of nothing.
func (s *registrySource) referrers(ctx context.Context, digest string) ([]v1.Descriptor, error) {
	var found referring
	err := s.each(ctx, func(ep *endpoint) (err error) {
		found, err = ep.referrers(ctx, digest, s.limit)
		return err
	})
	if err == nil {
		err = found.cut
	}
	return found.manifests, err
}

// Bounds of a list that a registry gives in pages; each page is bounded by Limits.Document.
const (
	maxReferrerPages = 32
	maxReferrerList  = 4096 // manifests
)

// referring is the list of what refers to a manifest.
type referring struct {
	manifests []v1.Descriptor
	api       bool  // the registry keeps it itself
	cut       error // why there is more of it
}

// referrers asks for the list of the OCI distribution specification 1.1, or, where the
// registry does not know that, for the index under the tag that stands in for it.
func (ep *endpoint) referrers(ctx context.Context, digest string, limit int64) (referring, error) {
	manifests, next, err := ep.referrersPage(ctx, digest, "", limit)
	var no *RegistryError
	switch {
	case err == nil:
		found := referring{manifests: manifests, api: true}
		found.cut = ep.morePages(ctx, &found, digest, next, limit)
		return found, nil
	case errors.Is(err, errNoList), errors.As(err, &no) && no.Status >= 400 && no.Status < 500 && no.Status != http.StatusTooManyRequests:
	default:
		return referring{}, err
	}
	_, raw, err := ep.manifest(ctx, fallbackTag(digest), v1.Hash{}, limit)
	if errors.Is(err, fs.ErrNotExist) {
		return referring{}, nil
	}
	if err != nil {
		return referring{}, err
	}
	var found referring
	found.manifests, err = listOf(raw)
	return found, err
}

// morePages adds the pages after the first one.
func (ep *endpoint) morePages(ctx context.Context, found *referring, digest, next string, limit int64) error {
	seen, known := map[string]bool{}, map[v1.Hash]bool{}
	for _, d := range found.manifests {
		known[d.Digest] = true
	}
	for page := 1; next != ""; page++ {
		if page == maxReferrerPages || len(found.manifests) >= maxReferrerList {
			return fmt.Errorf("the registry has more than %d pages or %d entries of it; the rest was not read", page, len(found.manifests))
		}
		if seen[next] {
			return errors.New("the registry gives it in pages that lead in a circle")
		}
		seen[next] = true
		more, after, err := ep.referrersPage(ctx, digest, next, limit)
		if err != nil {
			return err
		}
		for _, d := range more {
			if !known[d.Digest] {
				known[d.Digest] = true
				found.manifests = append(found.manifests, d)
			}
		}
		next = after
	}
	return nil
}

// referrersPage asks for one page of the list, and gives the query of the next one.
func (ep *endpoint) referrersPage(ctx context.Context, digest, query string, limit int64) (manifests []v1.Descriptor, next string, err error) {
	r := request{
		op: "listing what refers to " + digest + " of " + display(ep.repo), path: "referrers/" + digest, query: query,
		header: http.Header{"Accept": {string(types.OCIImageIndex)}},
	}
	err = ep.do(ctx, r, func(resp *http.Response) error {
		if !isList(resp) {
			return errNoList
		}
		raw, err := readDocument(resp.Body, limit)
		if err != nil {
			return err
		}
		if manifests, err = listOf(raw); err != nil {
			return err
		}
		next, err = nextPage(resp.Header.Values("Link"), digest)
		return err
	})
	return manifests, next, err
}

// nextPage gives the query of the link to the next page (RFC 8288); empty without one. Of the
// link counts the query alone: it is the same question at the same place, wherever else the
// link leads.
func nextPage(links []string, digest string) (query string, err error) {
	for _, header := range links {
		for header != "" {
			_, rest, ok := strings.Cut(header, "<")
			if !ok {
				break
			}
			target, rest, ok := strings.Cut(rest, ">")
			if !ok {
				break
			}
			params := rest
			if i := strings.IndexByte(rest, '<'); i >= 0 {
				params = rest[:i]
			}
			header = rest[len(params):]
			if !isNext(params) {
				continue
			}
			u, err := url.Parse(target)
			if err != nil || u.RawQuery == "" || len(u.RawQuery) > maxQuery || !strings.HasSuffix(u.Path, "/referrers/"+digest) {
				return "", &mismatch{ReasonCorrupt, "the registry's link to the next page of what refers to an image does not lead to one"}
			}
			return u.RawQuery, nil
		}
	}
	return "", nil
}

// maxQuery is the longest query of a link that is followed, in bytes.
const maxQuery = 4 << 10

// isNext reports whether a link's parameters say that it leads to the next page.
func isNext(params string) bool {
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(param, "=")
		value = strings.Trim(strings.TrimRight(strings.TrimSpace(value), ", "), `"`)
		if strings.EqualFold(strings.TrimSpace(name), "rel") && slices.ContainsFunc(strings.Fields(value), func(rel string) bool { return strings.EqualFold(rel, "next") }) {
			return true
		}
	}
	return false
}

func listOf(raw []byte) ([]v1.Descriptor, error) {
	var index indexDoc
	if err := json.Unmarshal(raw, &index); err != nil {
		return nil, &mismatch{ReasonCorrupt, "parsing the list of what refers to an image: " + finding.EscapeText(err.Error())}
	}
	return index.Manifests, nil
}

// errNoList says that a registry does not know of lists of referrers.
var errNoList = refusal("it answers, but not with a list")

// isList reports whether an answer is a list of referrers, by its type: there are
// registries that answer every question with a page.
func isList(resp *http.Response) bool {
	mediaType, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	return strings.TrimSpace(mediaType) == string(types.OCIImageIndex)
}
