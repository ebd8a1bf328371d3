package app

import "github.com/maxence-charriere/go-app/v10/pkg/errors"

// keyed returns an element's children lined up with those that are to take their
// place: go-app compares lists by index, so one component before the others made
// all of them anew, with the focus and the selection that they had. A component
// whose CompoID stands in both lists stays, or moves; one that is new is mounted;
// one that is gone is taken out. What has no CompoID lines up by its order
// between those that have.
func (m nodeManager) keyed(ctx Context, v HTML, next []UI) ([]UI, error) {
	old := v.body()
	if sameKeys(old, next) {
		return old, nil
	}
	wanted := map[string]bool{}
	for _, n := range next {
		wanted[keyOf(n)] = true
	}
	there := map[string]UI{}
	var rest []UI // of the old ones, those that stand where they stood
	for _, child := range old {
		key := keyOf(child)
		if !wanted[key] && key != "" {
			v.JSValue().removeChild(child)
			m.Dismount(child)
			continue
		}
		if key != "" {
			there[key] = child
		}
		rest = append(rest, child)
	}

	before := func() any { // where the next one goes
		if len(rest) == 0 {
			return nil
		}
		return rest[0].JSValue()
	}
	children := make([]UI, 0, len(next))
	for i, n := range next {
		key := keyOf(n)
		child := there[key]
		delete(there, key)
		for child != nil && len(rest) > 0 && keyOf(rest[0]) == "" { // nothing takes its place
			v.JSValue().removeChild(rest[0])
			m.Dismount(rest[0])
			rest = rest[1:]
		}
		switch {
		case key == "" && len(rest) > 0 && keyOf(rest[0]) == "" && m.CanUpdate(rest[0], n):
			child, rest = rest[0], rest[1:]
		case child != nil && len(rest) > 0 && rest[0] == child:
			rest = rest[1:]
		case child != nil && len(rest) > 1 && rest[1] == child: // the other one moves
			rest = rest[2:]
		case child != nil:
			v.JSValue().Call("insertBefore", child.JSValue(), before())
			for j, r := range rest {
				if r == child {
					rest = append(rest[:j:j], rest[j+1:]...)
					break
				}
			}
		default:
			mounted, err := m.Mount(ctx, v.depth()+1, n)
			if err != nil {
				return nil, errors.New("mounting child failed").
					WithTag("tag", v.Tag()).
					WithTag("depth", v.depth()).
					WithTag("index", i).
					Wrap(err)
			}
			v.JSValue().Call("insertBefore", mounted.JSValue(), before())
			child = mounted.setParent(v)
			next[i] = child // which is as it is to be
		}
		children = append(children, child)
	}
	for _, child := range rest {
		v.JSValue().removeChild(child)
		m.Dismount(child)
	}
	return children, nil
}

// keyOf is a component's CompoID, or empty.
func keyOf(v UI) string {
	if c, ok := v.(DismountEnforcer); ok {
		return c.CompoID()
	}
	return ""
}

// sameKeys says whether two lists line up as they are: most do.
func sameKeys(a, b []UI) bool {
	for i := range max(len(a), len(b)) {
		x, y := "", ""
		if i < len(a) {
			x = keyOf(a[i])
		}
		if i < len(b) {
			y = keyOf(b[i])
		}
		if x != y {
			return false
		}
	}
	return true
}
