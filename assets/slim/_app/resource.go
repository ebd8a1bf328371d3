package app

import "strings"

// clientResourceResolver is go-app's: where addresses below /web/ are.
func clientResourceResolver(resourcesLocation string) func(string) string {
	return func(location string) string {
		if !strings.HasPrefix(location, "/web/") && location != "/web" && !strings.HasPrefix(location, "web/") && location != "web" {
			return location
		}
		return resourcesLocation + "/" + strings.TrimPrefix(strings.Trim(location, "/"), "web/")
	}
}
