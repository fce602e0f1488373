#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <filesystem>
#include <memory>

#include "http/server.hpp"
#include "unit/http/certificate.hpp"
#include "unit/http/loopback.hpp"
#include "unit/http/websocket_frames.hpp"

namespace vis::http {
namespace {

namespace fs = std::filesystem;

Task<Response> tell_security(Request request) {
  co_return text_response(200, request.secure ? "secure" : "plain");
}

Task<> echo(WebSocket* socket) {
  while (auto message = co_await socket->read()) socket->send(std::move(*message));
}
Task<WebSocketDecision> accept(Request) {
  co_return WebSocketAcceptance{.run = [](WebSocket& socket) { return echo(&socket); }};
}

class HttpTls : public testing::Test {
 protected:
  HttpTls() : client_settings(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    router.add(Method::Get, "/", tell_security);
    router.add_websocket("/ws", accept);
    options.listeners = {{.address = SocketAddress::parse("127.0.0.1:0").value(), .tls = true},
                         {.address = SocketAddress::parse("127.0.0.1:0").value()}};
    options.tls = write_certificate(directory, "first");
  }

  /// The common name of the certificate that the server has shown.
  static std::string certificate_name(const RawClient& client) {
    const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(client.ssl()),
                                                            X509_free);
    if (!shown) return "none";
    std::array<char, 64> name = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName, name.data(),
                              name.size());
    return name.data();
  }

  TemporaryDirectory directory;
  Loop loop;
  Router router;
  ServerOptions options;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> client_settings;
};

TEST_F(HttpTls, serves_beside_plain_http) {
  TestServer server(loop, std::move(router), options);
  RawClient secure(loop, server.address(0), client_settings.get());
  secure.send(get("/"));
  EXPECT_EQ(secure.read_response()->body, "secure");
  RawClient plain(loop, server.address(1));
  plain.send(get("/"));
  EXPECT_EQ(plain.read_response()->body, "plain");
}

TEST_F(HttpTls, carries_websockets_with_large_messages) {
  TestServer server(loop, std::move(router), options);
  RawClient client(loop, server.address(0), client_settings.get());
  client.send(upgrade("/ws"));
  EXPECT_EQ(client.read_response(true)->status, 101U);
  const std::string payload(500'000, 'x');
  client.send(ClientFrame{.payload = payload}.bytes());
  EXPECT_EQ(client.read_frame(), "2:" + payload);
}

TEST_F(HttpTls, shows_a_new_certificate_after_a_reload_and_keeps_connections) {
  TestServer server(loop, std::move(router), options);
  RawClient early(loop, server.address(0), client_settings.get());
  EXPECT_EQ(certificate_name(early), "first");

  const TlsFiles second = write_certificate(directory, "second");
  fs::rename(second.certificate, options.tls->certificate);
  fs::rename(second.key, options.tls->key);
  EXPECT_TRUE(server.server.reload_certificate());
  RawClient late(loop, server.address(0), client_settings.get());
  EXPECT_EQ(certificate_name(late), "second");
  early.send(get("/"));
  EXPECT_EQ(early.read_response()->body, "secure");
}

TEST_F(HttpTls, keeps_the_old_certificate_when_the_new_one_is_no_good) {
  TestServer server(loop, std::move(router), options);
  const TlsFiles other = write_certificate(directory, "other");
  const auto reload_with = [&](const fs::path& certificate, const fs::path& key) {
    fs::copy_file(certificate, options.tls->certificate, fs::copy_options::overwrite_existing);
    fs::copy_file(key, options.tls->key, fs::copy_options::overwrite_existing);
    const auto reloaded = server.server.reload_certificate();
    return reloaded ? "reloaded" : reloaded.error().message;
  };
  const fs::path garbage = directory.path() / "garbage";
  directory.write("garbage", "-----BEGIN NOTHING-----");
  directory.write("kept.pem", "");
  fs::copy_file(options.tls->certificate, directory.path() / "kept.pem",
                fs::copy_options::overwrite_existing);

  EXPECT_TRUE(reload_with(garbage, other.key).starts_with(options.tls->certificate.string()));
  EXPECT_TRUE(reload_with(other.certificate, garbage).starts_with(options.tls->key.string()));
  EXPECT_TRUE(reload_with(directory.path() / "kept.pem", other.key).contains("first.key"));
  RawClient client(loop, server.address(0), client_settings.get());
  EXPECT_EQ(certificate_name(client), "first");
}

TEST_F(HttpTls, does_not_start_without_a_certificate) {
  options.tls->certificate = directory.path() / "missing.pem";
  Metrics metrics;
  Server server(loop.context.get_executor(), Router{}, metrics, options);
  const auto started = server.start();
  ASSERT_FALSE(started);
  EXPECT_TRUE(started.error().message.contains("missing.pem")) << started.error().message;
}

TEST_F(HttpTls, speaks_nothing_older_than_1_2_and_nothing_weak) {
  TestServer server(loop, std::move(router), options);
  const auto connects = [&](int version, const char* ciphers) {
    SSL_CTX* const settings = client_settings.get();
    SSL_CTX_set_security_level(settings, 0);
    SSL_CTX_set_min_proto_version(settings, version);
    SSL_CTX_set_max_proto_version(settings, version);
    SSL_CTX_set_cipher_list(settings, ciphers);
    const RawClient client(loop, server.address(0), settings);
    return SSL_is_init_finished(client.ssl()) == 1;
  };
  EXPECT_TRUE(connects(TLS1_3_VERSION, "ALL"));
  EXPECT_TRUE(connects(TLS1_2_VERSION, "ECDHE+AESGCM"));
  EXPECT_FALSE(connects(TLS1_1_VERSION, "ALL"));
  EXPECT_FALSE(connects(TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA"));
}

TEST_F(HttpTls, agrees_to_http_1_1_alone) {
  TestServer server(loop, std::move(router), options);
  const auto agreed = [&](std::string_view offer) -> std::string {
    SSL_CTX_set_alpn_protos(client_settings.get(),
                            reinterpret_cast<const unsigned char*>(offer.data()),
                            static_cast<unsigned>(offer.size()));
    const RawClient client(loop, server.address(0), client_settings.get());
    if (SSL_is_init_finished(client.ssl()) != 1) return "refused";
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(client.ssl(), &name, &size);
    return std::string(reinterpret_cast<const char*>(name), size);
  };
  EXPECT_EQ(agreed("\x02h2\x08http/1.1"), "http/1.1");
  EXPECT_EQ(agreed("\x02h2"), "refused");
}

TEST_F(HttpTls, ends_a_handshake_that_hangs) {
  options.timeouts.handshake = 5ms;
  options.timeouts.linger = 1ms;
  options.timeouts.tick = 1ms;
  TestServer server(loop, std::move(router), options);
  RawClient silent(loop, server.address(0));
  RawClient garbage(loop, server.address(0));
  garbage.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(silent.is_closed_by_server());
  EXPECT_TRUE(garbage.is_closed_by_server());
}

}  // namespace
}  // namespace vis::http
