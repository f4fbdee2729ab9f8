package example;

import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpStatus;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.JwtTypeValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;
import org.springframework.web.server.ResponseStatusException;

@SpringBootApplication
@RestController
public class OrdersApi {
  public static void main(String[] args) {
    SpringApplication.run(OrdersApi.class, args);
  }

  @GetMapping("/orders")
  Map<String, List<String>> orders() {
    return Map.of("orders", List.of());
  }

  @GetMapping("/dashboard")
  Map<String, List<String>> dashboard(@AuthenticationPrincipal Jwt token, @Value("${FLAGS}") String flags) {
    List<String> roles = token.getClaimAsStringList("roles");
    if (!hasAccess(flags, roles == null ? List.of() : roles, "beta-tester", "new-dashboard"))
      throw new ResponseStatusException(HttpStatus.NOT_FOUND);
    return orders();
  }

  record Flag(boolean enabled) {}

  // A feature is public, or it is in beta and the token has the role. FLAGS: the URL of an AppConfig Agent's configuration.
  boolean hasAccess(String url, List<String> roles, String role, String feature) {
    Flag off = new Flag(false);
    Map<String, Flag> flags = Map.of();
    try {
      flags = RestClient.create(url).get().retrieve().body(new ParameterizedTypeReference<Map<String, Flag>>() {});
    } catch (RestClientException unreachable) {
      // No flags: no beta.
    }
    return flags.getOrDefault(feature + "-public", off).enabled()
        || flags.getOrDefault(feature + "-beta", off).enabled() && roles.contains(role);
  }

  @Bean
  SecurityFilterChain security(HttpSecurity http) throws Exception {
    return http
        .authorizeHttpRequests(requests -> requests.anyRequest().hasAuthority("SCOPE_orders:read"))
        .oauth2ResourceServer(server -> server.jwt(jwt -> {}))
        .build();
  }

  // `spring.security.oauth2.resourceserver.jwt.audiences` takes both audiences without code. The decoder that it makes refuses
  // the type `at+jwt` (RFC 9068), which some issuers give to access tokens; this one takes both types.
  @Bean
  JwtDecoder decoder(@Value("${ISSUER}") String issuer, @Value("${AUDIENCES}") String audiences) {
    // Both during the migration, in any order; the target alone after it.
    List<String> accepted = List.of(audiences.split(" "));
    JwtTypeValidator type = new JwtTypeValidator(List.of("JWT", "at+jwt"));
    type.setAllowEmpty(true);
    NimbusJwtDecoder decoder =
        NimbusJwtDecoder.withJwkSetUri(issuer + "/jwks")
            .jwsAlgorithm(SignatureAlgorithm.ES256)
            .validateType(false)
            .build();
    decoder.setJwtValidator(
        new DelegatingOAuth2TokenValidator<>(
            type,
            new JwtTimestampValidator(),
            new JwtIssuerValidator(issuer),
            new JwtClaimValidator<Object>(JwtClaimNames.EXP, expiry -> expiry != null),
            new JwtClaimValidator<List<String>>(
                JwtClaimNames.AUD, named -> named != null && named.stream().anyMatch(accepted::contains))));
    return decoder;
  }
}
