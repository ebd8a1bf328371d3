package web

import "net/http"

// scripts serves what stands in people's pages, under its own names and under those
// by which other comment systems' scripts are known: there only the host changes. A
// script knows by its name that it only counts.
func (s *Site) scripts(mux *http.ServeMux) {
	for name, paths := range map[string][]string{
		"embed.js": {
			"/embed.js", "/count.js", // Disqus has these names, too
			"/js/embed.min.js", "/js/embed.dev.js", "/js/count.min.js", "/js/count.dev.js", // Isso
			"/web/embed.js", "/web/embed.mjs", "/web/counter.js", "/web/counter.mjs", "/web/last-comments.js", "/web/last-comments.mjs", // remark42
			"/js/cusdis.es.js", "/js/cusdis.umd.js", "/js/cusdis-count.umd.js", // Cusdis
			"/js/commento.js", "/js/count.js", "/comentario.js", // Commento, Comentario
			"/client.js",                                 // giscus, utterances
			"/assets/js/embed.js", "/assets/js/count.js", // Coral
			"/embed/embed.js", "/embed/comment-counts.js", // Hyvor Talk
			"/javascripts/embed.js", "/javascripts/count.js", // Discourse
			"/waline.umd.js", "/Artalk.js", "/dist/Artalk.js", "/twikoo.min.js", "/twikoo.all.min.js",
		},
		"embed.mjs":        {"/embed.mjs", "/waline.js", "/Artalk.mjs"}, // they are imported from
		"embed-more.mjs":   {"/embed-more.mjs"},
		"embed-counts.mjs": {"/embed-counts.mjs"},
	} {
		for _, path := range paths {
			mux.HandleFunc("GET "+path, s.serveScript(name))
		}
	}
}
