package app

// router is go-app's without regular expressions, which are 84 kB compressed.
type router map[string]func() Composer

func makeRouter() router { return router{} }

func (r router) route(path string, newComponent func() Composer) { r[path] = newComponent }

func (r router) routeWithRegexp(string, func() Composer) {
	panic("go-app was built without regular expressions: see assets/slim")
}

func (r router) createComponent(path string) (Composer, bool) {
	newComponent, routed := r[path]
	if !routed {
		return nil, false
	}
	return newComponent(), true
}
