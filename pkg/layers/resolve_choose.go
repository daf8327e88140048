package layers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// all gives every image of the index, in its order. What cannot be read of one
// is its gap.
func (r *resolver) all(ctx context.Context) ([]*Image, error) {
	var images []*Image
	var firstErr error
	readable := false
	for _, c := range r.candidates {
		img, err := r.candidate(ctx, c)
		var notImage *NotImageError
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.As(err, &notImage):
			r.other(notImage.Kind)
			continue
		case err != nil:
			if firstErr == nil {
				firstErr = err
			}
			img = r.blank(c.desc)
			if c.known {
				img.Platform = c.platform.String()
			}
			img.Gaps = append(img.Gaps, gapFor(err, "the manifest "+c.desc.Digest.String()))
		default:
			readable = true
		}
		images = append(images, img)
	}
	if !readable {
		return nil, r.nothing(firstErr)
	}
	return images, nil
}

// choose gives the one image that suits the wish. If the wish is this machine's
// and not the user's, the only image that there is will do as well.
func (r *resolver) choose(ctx context.Context, wish platform, anyWillDo bool) ([]*Image, error) {
	if err := r.learnPlatforms(ctx); err != nil {
		return nil, err
	}
	best, fitting := -1, 0
	for i, c := range r.candidates {
		fit := -1
		if c.known {
			fit = c.platform.fits(wish)
		}
		if fit < 0 {
			continue
		}
		fitting++
		if best < 0 || fit < r.candidates[best].platform.fits(wish) {
			best = i
		}
	}
	if best >= 0 {
		c := r.candidates[best]
		img, err := r.candidate(ctx, c)
		switch {
		case err == nil:
			if fitting > 1 {
				img.Notes = append(img.Notes, Remark{Reason: ReasonPlatform,
					Detail: fmt.Sprintf("%d images of the index suit %s; %s was taken, with digest %s", fitting, wish, c.platform, c.desc.Digest)})
			}
			return []*Image{img}, nil
		case !anyWillDo && errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("%s names an image for %s, but does not hold it; it was saved for another platform: %w",
				display(r.reference), c.platform, err)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	if anyWillDo {
		if images, err := r.onlyOne(ctx, wish); images != nil || err != nil {
			return images, err
		}
	}
	if len(r.candidates) == 0 {
		return nil, r.nothing(nil)
	}
	return nil, fmt.Errorf("%s has no image for %s; it has %s: choose with --platform, or take --all-platforms",
		display(r.reference), wish, r.platforms())
}

// learnPlatforms reads the configurations of images whose platform the index
// does not name, as in an OCI layout that was written for one machine.
func (r *resolver) learnPlatforms(ctx context.Context) error {
	kept := r.candidates[:0]
	for _, c := range r.candidates {
		if c.known || len(r.candidates) == 1 {
			kept = append(kept, c)
			continue
		}
		img, err := r.candidate(ctx, c)
		var notImage *NotImageError
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &notImage):
			r.other(notImage.Kind)
			continue
		case err != nil:
			r.gaps = append(r.gaps, gapFor(err, "the manifest "+c.desc.Digest.String()))
			continue
		}
		if img.Config != nil {
			c.platform, c.known = fromV1(img.Config.Platform())
		}
		kept = append(kept, c)
	}
	r.candidates = kept
	return nil
}

// onlyOne gives the image that is there, if it is just one: an index of one, or
// one of which all others were left out when it was saved.
func (r *resolver) onlyOne(ctx context.Context, wish platform) ([]*Image, error) {
	var only *Image
	var first error
	for _, c := range r.candidates {
		img, err := r.candidate(ctx, c)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil && len(r.candidates) == 1:
			return nil, err
		case err != nil:
			first = err
			continue
		case only != nil:
			return nil, nil
		}
		only = img
	}
	if only == nil {
		return nil, r.nothing(first)
	}
	only.Notes = append(only.Notes, Remark{Reason: ReasonPlatform,
		Detail: fmt.Sprintf("there is no image for %s; the only one, for %s, was taken", wish, orUnknown(only.Platform))})
	return []*Image{only}, nil
}

// nothing is the error for a target without a single image that can be read.
func (r *resolver) nothing(cause error) error {
	ref := display(r.reference)
	switch {
	case cause != nil:
		return fmt.Errorf("%s holds no image that can be read: %w", ref, cause)
	case len(r.candidates) > 0:
		return fmt.Errorf("%s names %s, but holds none: %w", ref, count(int64(len(r.candidates)), "image"), fs.ErrNotExist)
	case len(r.gaps) > 0:
		return fmt.Errorf("%s holds no image that can be read: %s", ref, r.gaps[0].Detail)
	case len(r.attestations) > 0 && r.others == 0:
		return &NotImageError{r.reference, "an index of attestations"}
	case r.others > 0:
		return &NotImageError{r.reference, "an index of artifacts (" + strings.Join(r.otherKinds, ", ") + ")"}
	}
	return fmt.Errorf("%s is an empty index: it names no image", ref)
}

// platforms lists what there is, for an error.
func (r *resolver) platforms() string {
	var list []string
	for _, c := range r.candidates {
		if len(list) == 40 {
			list = append(list, fmt.Sprintf("and %d more", len(r.candidates)-40))
			break
		}
		if c.known {
			list = append(list, c.platform.String())
		} else {
			list = append(list, "one of an unknown platform")
		}
	}
	return strings.Join(list, ", ")
}

func (r *resolver) candidate(ctx context.Context, c candidate) (*Image, error) {
	doc, err := r.document(ctx, c.desc)
	if err != nil {
		return nil, fmt.Errorf("reading the manifest %s: %w", c.desc.Digest, err)
	}
	if doc.index != nil {
		return nil, fmt.Errorf("reading the manifest %s: it is called a manifest, but is an index", c.desc.Digest)
	}
	img, err := r.image(ctx, c.desc, doc)
	if err != nil {
		return nil, err
	}
	switch {
	case !c.known:
	case img.Platform == "":
		img.Platform = c.platform.String()
	case img.Platform != c.platform.String():
		img.Notes = append(img.Notes, Remark{Reason: ReasonPlatform,
			Detail: fmt.Sprintf("the index calls the image %s, its configuration %s", c.platform, img.Platform)})
	}
	return img, nil
}

// checkPlatform holds a single image against the platform that a user asked for.
func checkPlatform(img *Image, wish platform, opts Options) error {
	if opts.Platform == "" || opts.AllPlatforms || img.Config == nil {
		return nil
	}
	p, known := fromV1(img.Config.Platform())
	if known && p.fits(wish) < 0 {
		return fmt.Errorf("%s has no image for %s; it is a single image for %s", display(img.Reference), wish, p)
	}
	return nil
}
