package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

type claims struct {
	jwt.RegisteredClaims
	Scope string   `json:"scope"`
	Roles []string `json:"roles"`
}

func main() {
	issuer := os.Getenv("ISSUER")
	keys, err := keyfunc.NewDefault([]string{issuer + "/jwks"})
	if err != nil {
		log.Fatal(err)
	}
	parser := jwt.NewParser(
		jwt.WithIssuer(issuer),
		// Both during the migration, in any order; the target alone after it.
		jwt.WithAudience(strings.Split(os.Getenv("AUDIENCES"), " ")...),
		jwt.WithValidMethods([]string{"ES256"}),
		jwt.WithExpirationRequired(),
		jwt.WithLeeway(5*time.Second),
	)
	handle := func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "bearer") {
			refuse(w, http.StatusUnauthorized, "Bearer")
			return
		}
		var found claims
		if _, err := parser.ParseWithClaims(token, &found, keys.KeyfuncCtx(r.Context())); err != nil {
			refuse(w, http.StatusUnauthorized, `Bearer error="invalid_token"`)
			return
		}
		if !slices.Contains(strings.Split(found.Scope, " "), "orders:read") {
			refuse(w, http.StatusForbidden, `Bearer error="insufficient_scope"`)
			return
		}
		if r.URL.Path == "/dashboard" && !hasAccess(found.Roles, "beta-tester", "new-dashboard") {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"orders":[]}`))
	}
	http.HandleFunc("GET /orders", handle)
	http.HandleFunc("GET /dashboard", handle)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}

var client = http.Client{Timeout: 2 * time.Second}

// A feature is public, or it is in beta and the token has the role. FLAGS: the URL of an AppConfig Agent's configuration.
func hasAccess(roles []string, role, feature string) bool {
	response, err := client.Get(os.Getenv("FLAGS"))
	if err != nil {
		return false
	}
	defer response.Body.Close()
	var flags map[string]struct{ Enabled bool }
	if response.StatusCode != http.StatusOK || json.NewDecoder(response.Body).Decode(&flags) != nil {
		return false
	}
	return flags[feature+"-public"].Enabled || flags[feature+"-beta"].Enabled && slices.Contains(roles, role)
}

func refuse(w http.ResponseWriter, status int, challenge string) {
	w.Header().Set("WWW-Authenticate", challenge)
	w.WriteHeader(status)
}
