#include "unit/http/loopback.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/assert.hpp"

namespace vis::http {
namespace {

namespace asio = boost::asio;

ServerOptions on_loopback(ServerOptions options) {
  if (options.listeners.empty()) {
    options.listeners = {{.address = SocketAddress::parse("127.0.0.1:0").value()}};
  }
  return options;
}

Task<> mark_end(Task<> task, bool* ended) {
  co_await std::move(task);
  *ended = true;
}

}  // namespace

bool Loop::run_until(const std::function<bool()>& condition) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    context.restart();
    context.run_one_for(std::chrono::milliseconds(1));
    context.poll();
  }
  return true;
}

bool Loop::run(Task<> task) {
  bool ended = false;
  asio::co_spawn(context, mark_end(std::move(task), &ended), asio::detached);
  return run_until([&] { return ended; });
}

RawClient::RawClient(Loop& loop, const SocketAddress& server) : loop_(loop) { connect(server); }

RawClient::RawClient(Loop& loop, const SocketAddress& server, SSL_CTX* tls) : loop_(loop) {
  connect(server);
  ssl_.reset(SSL_new(tls));
  SSL_set_fd(ssl_.get(), descriptor_);
  SSL_set_connect_state(ssl_.get());
  loop_.run_until([&] { return step_handshake(); });
}

RawClient::~RawClient() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void RawClient::connect(const SocketAddress& server) {
  const bool v6 = server.ip.is_v6();
  descriptor_ = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 address6 = {};
  sockaddr_in address4 = {};
  if (v6) {
    address6.sin6_family = AF_INET6;
    address6.sin6_port = htons(server.port);
    std::memcpy(&address6.sin6_addr, server.ip.v6_bytes().data(), 16);
  } else {
    address4.sin_family = AF_INET;
    address4.sin_port = htons(server.port);
    std::memcpy(&address4.sin_addr, server.ip.v4_bytes().data(), 4);
  }
  // The kernel completes the connection before the server accepts it.
  const auto* address = v6 ? reinterpret_cast<const sockaddr*>(&address6)
                           : reinterpret_cast<const sockaddr*>(&address4);
  ended_ = ::connect(descriptor_, address, v6 ? sizeof address6 : sizeof address4) != 0;
  ::fcntl(descriptor_, F_SETFL, ::fcntl(descriptor_, F_GETFL) | O_NONBLOCK);
}

bool RawClient::step_handshake() {
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) return true;
  const int error = SSL_get_error(ssl_.get(), result);
  ERR_clear_error();
  ended_ = error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
  return ended_;
}

void RawClient::send(std::string_view bytes) {
  loop_.run_until([&] {
    if (bytes.empty() || ended_) return true;
    const ssize_t sent = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                              : ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    return bytes.empty() || (!ssl_ && sent < 0 && errno != EAGAIN);
  });
}

void RawClient::finish_sending() { ::shutdown(descriptor_, SHUT_WR); }

void RawClient::abort() {
  const linger reset{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  ::close(std::exchange(descriptor_, -1));
  ended_ = true;
}

bool RawClient::receive() {
  std::array<char, 16 * 1024> buffer;
  while (!ended_) {
    if (ssl_) {
      const int count = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
      if (count > 0) {
        received_.append(buffer.data(), static_cast<std::size_t>(count));
        continue;
      }
      const int error = SSL_get_error(ssl_.get(), count);
      ERR_clear_error();
      if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return true;
      if (error == SSL_ERROR_ZERO_RETURN) SSL_shutdown(ssl_.get());
    } else {
      const ssize_t count = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
      if (count > 0) {
        received_.append(buffer.data(), static_cast<std::size_t>(count));
        continue;
      }
      if (count < 0 && errno == EAGAIN) return true;
    }
    ended_ = true;
  }
  return false;
}

bool RawClient::fill_until(const std::function<bool()>& condition) {
  loop_.run_until([&] {
    const bool open = receive();
    return condition() || !open;
  });
  return condition();
}

std::optional<ReceivedResponse> RawClient::read_response(bool head_only) {
  std::size_t head_end = 0;
  const bool has_head = fill_until([&] {
    head_end = received_.find("\r\n\r\n");
    return head_end != std::string::npos;
  });
  if (!has_head) return std::nullopt;

  ReceivedResponse response;
  std::string_view head = std::string_view(received_).substr(0, head_end);
  std::from_chars(head.data() + 9, head.data() + 12, response.status);
  for (std::size_t line = head.find("\r\n"); line != std::string_view::npos;) {
    const std::size_t next = head.find("\r\n", line + 2);
    const std::string_view field = head.substr(line + 2, next - line - 2);
    const std::size_t colon = field.find(": ");
    response.headers.add(field.substr(0, colon), field.substr(colon + 2));
    line = next;
  }
  received_.erase(0, head_end + 4);
  std::size_t length = 0;
  const std::string_view digits = response.headers.get("Content-Length");
  std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (head_only) return response;
  if (!fill_until([&] { return received_.size() >= length; })) return std::nullopt;
  response.body = received_.substr(0, length);
  received_.erase(0, length);
  return response;
}

std::string RawClient::read_bytes(std::size_t count) {
  fill_until([&] { return received_.size() >= count; });
  std::string bytes = received_.substr(0, count);
  received_.erase(0, bytes.size());
  return bytes;
}

std::string RawClient::read_frame() {
  const std::string header = read_bytes(2);
  if (header.size() < 2) return "closed";
  std::size_t size = static_cast<std::uint8_t>(header[1]);
  if (size >= 126) {
    const std::string extended = read_bytes(size == 126 ? 2 : 8);
    size = 0;
    for (const char c : extended) size = size * 256 + static_cast<std::uint8_t>(c);
  }
  const unsigned first = static_cast<std::uint8_t>(header[0]);
  std::string payload = read_bytes(size);
  if ((first & 0x40) != 0) payload = "deflated:" + payload;
  return std::to_string(first & 0x0F) + ':' + payload;
}

bool RawClient::is_closed_by_server() {
  return fill_until([&] { return ended_; });
}

TestServer::TestServer(Loop& test_loop, Router router, ServerOptions options)
    : loop(test_loop),
      server(test_loop.context.get_executor(), std::move(router), metrics,
             on_loopback(std::move(options))) {
  const auto started = server.start();
  VIS_ASSERT(started.has_value());
  server.accept();
}

TestServer::~TestServer() { stop(Duration::zero()); }

void TestServer::stop(Duration grace) {
  if (stopped_) return;
  stopped_ = true;
  VIS_ASSERT(loop.run(server.stop(grace)));
}

std::string get(std::string_view path, std::string_view fields) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(fields) + "\r\n";
}

std::string upgrade(std::string_view path, std::string_view fields) {
  return get(path,
             "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                 std::string(fields));
}

}  // namespace vis::http
