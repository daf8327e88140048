package layers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	ggcr "github.com/google/go-containerregistry/pkg/registry"
)

// paged gives the list of referrers one by one; link says how one page leads to the next.
func paged(link func(path string, next int) string) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.URL.Path, "/referrers/") {
				h.ServeHTTP(w, r)
				return
			}
			whole := httptest.NewRecorder()
			h.ServeHTTP(whole, r)
			var index map[string]any
			_ = json.Unmarshal(whole.Body.Bytes(), &index)
			all, _ := index["manifests"].([]any)
			slices.SortFunc(all, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
			at, _ := strconv.Atoi(r.URL.Query().Get("last"))
			at = min(at, len(all))
			index["manifests"] = all[at:min(at+1, len(all))]
			if at+1 < len(all) {
				w.Header().Set("Link", link(r.URL.Path, at+1))
			}
			w.Header().Set("Content-Type", whole.Header().Get("Content-Type"))
			_ = json.NewEncoder(w).Encode(index)
		})
	}
}

func TestAllPagesOfReferrersAreRead(t *testing.T) {
	for name, tc := range map[string]struct {
		link func(path string, next int) string
		want int
		note string
	}{
		"relative": {func(path string, next int) string { return fmt.Sprintf(`<%s?n=1&last=%d>; rel="next"`, path, next) }, 3, ""},
		"absolute": {func(path string, next int) string {
			return fmt.Sprintf(`<https://elsewhere.test%s?last=%d>;rel=next`, path, next)
		}, 3, ""},
		"one link of two": {func(path string, next int) string {
			return fmt.Sprintf(`</first>; rel="first", <%s?last=%d>; title="a"; rel="NEXT last"`, path, next)
		}, 3, ""},
		"no next":           {func(path string, next int) string { return fmt.Sprintf(`<%s?last=%d>; rel="prev"`, path, next) }, 1, ""},
		"in a circle":       {func(path string, _ int) string { return fmt.Sprintf(`<%s?last=1>; rel="next"`, path) }, 2, "lead in a circle"},
		"to somewhere else": {func(string, int) string { return `</v2/_catalog?last=1>; rel="next"` }, 0, "does not lead to one"},
		"without end":       {func(path string, next int) string { return fmt.Sprintf(`<%s?last=0&try=%d>; rel="next"`, path, next) }, 1, "in a circle"},
		"to an endless page": {func(path string, _ int) string {
			return "<" + path + "?last=" + strings.Repeat("1", maxQuery) + `>; rel="next"`
		}, 0, "does not lead to one"},
	} {
		t.Run(name, func(t *testing.T) {
			ref, _ := writable(t, nil, ggcr.WithReferrersSupport(true))
			for i := range 3 {
				if _, err := attach(t.Context(), ref, Artifact{Type: spdxType, Content: fmt.Appendf(nil, `{"n":%d}`, i)}, Options{}, quick, authn.NewMultiKeychain()); err != nil {
					t.Fatal(err)
				}
			}
			host, rest, _ := strings.Cut(ref, "/")
			outer := httptest.NewServer(paged(tc.link)(proxy(host)))
			defer outer.Close()
			img := besideOf(t, strings.TrimPrefix(outer.URL, "http://")+"/"+rest)
			if len(img.Beside) != tc.want {
				t.Errorf("%d documents, not %d", len(img.Beside), tc.want)
			}
			if notes := fmt.Sprint(img.Notes); tc.note == "" && strings.Contains(notes, ReasonBeside) || !strings.Contains(notes, tc.note) {
				t.Errorf("notes: %s", notes)
			}
		})
	}
}

func TestPagesOfReferrersHaveAnEnd(t *testing.T) {
	n := 0
	ref, _ := writable(t, paged(func(path string, _ int) string {
		n++
		return fmt.Sprintf(`<%s?try=%d>; rel="next"`, path, n)
	}), ggcr.WithReferrersSupport(true))
	for i := range 2 {
		_, _ = attach(t.Context(), ref, Artifact{Type: spdxType, Content: fmt.Appendf(nil, `{"n":%d}`, i)}, Options{}, quick, authn.NewMultiKeychain())
	}
	n = 0
	img := besideOf(t, ref)
	if n != maxReferrerPages || !strings.Contains(fmt.Sprint(img.Notes), "the rest was not read") {
		t.Errorf("%d pages, %v", n, img.Notes)
	}
}

// proxy hands requests on to a host.
func proxy(host string) http.Handler {
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = "http", host }}
}

func FuzzNextPage(f *testing.F) {
	const digest = "sha256:00"
	for _, link := range []string{`</v2/a/referrers/sha256:00?n=1>; rel="next"`, `<a>,<b>;rel=next`, "<", "><", `<//[>;rel="x next"`} {
		f.Add(link)
	}
	f.Fuzz(func(t *testing.T, link string) {
		query, err := nextPage([]string{link}, digest)
		if query != "" && (err != nil || len(query) > maxQuery || !strings.Contains(strings.ToLower(link), "next") || !strings.Contains(link, digest)) {
			t.Errorf("%q and %v", query, err)
		}
	})
}
