#include "http/server.hpp"

#include <fmt/format.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <list>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/owner_thread.hpp"
#include "http/connection.hpp"
#include "http/server_state.hpp"
#include "http/stream.hpp"
#include "http/tls.hpp"

namespace vis::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::string_view kTooManyConnections =
    "HTTP/1.1 503 Service Unavailable\r\nServer: visavis\r\nConnection: close\r\n"
    "Content-Length: 0\r\nRetry-After: 1\r\n\r\n";

tcp::endpoint to_endpoint(const SocketAddress& address) {
  if (address.ip.is_v6()) return {asio::ip::address_v6(address.ip.v6_bytes()), address.port};
  return {asio::ip::address_v4(address.ip.v4_bytes()), address.port};
}

Result<tcp::acceptor> bind(const asio::any_io_executor& executor, const Listener& listener) {
  const SocketAddress& address = listener.address;
  const tcp::endpoint endpoint = to_endpoint(address);
  tcp::acceptor acceptor(executor);
  error_code failure;
  if (listener.descriptor >= 0) {
    acceptor.assign(endpoint.protocol(), listener.descriptor, failure);
    if (!failure) return acceptor;
  }
  const auto step = [&](auto&& action) {
    if (!failure) action();
  };
  step([&] { acceptor.open(endpoint.protocol(), failure); });
  step([&] { acceptor.set_option(tcp::acceptor::reuse_address(true), failure); });
  if (address.ip.is_v6()) {
    step([&] { acceptor.set_option(asio::ip::v6_only(true), failure); });
  }
  step([&] { acceptor.bind(endpoint, failure); });
  step([&] { acceptor.listen(tcp::acceptor::max_listen_connections, failure); });
  if (!failure) return acceptor;
  return fail(Errc::Unavailable,
              fmt::format("cannot listen on {}: {}", address.str(), failure.message()));
}

}  // namespace

class Server::Impl final {
 public:
  Impl(asio::any_io_executor executor, Router router, Metrics& metrics, ServerOptions options)
      : executor_(executor),
        state_(std::move(router), metrics, std::move(options)),
        tasks_(executor),
        last_gone_(executor) {}

  Result<void> start();
  void accept();
  std::vector<int> listening_descriptors() const;
  void close_listeners();
  Result<void> load_certificate();
  Task<> stop(Duration grace);
  std::vector<SocketAddress> endpoints() const;

 private:
  struct Door {
    tcp::acceptor acceptor;
    bool tls;
  };
  /// Keeps a connection in the list while its coroutine runs.
  class Membership;

  Task<> accept_loop(Door* door);
  Task<bool> accept_one(Door* door);
  Task<> serve(tcp::socket socket, bool tls);
  Task<> tick_loop();
  void turn_away(tcp::socket socket, bool tls);

  asio::any_io_executor executor_;
  OwnerThread owner_;
  ServerState state_;
  std::optional<TlsIdentity> tls_;
  std::vector<std::unique_ptr<Door>> doors_;
  std::list<Connection*> connections_;
  std::size_t accepted_ = 0;  ///< Connections whose coroutine has been spawned and has not ended.
  TaskGroup tasks_;
  asio::steady_timer last_gone_;
};

class Server::Impl::Membership final {
 public:
  Membership(Impl& server, Connection& connection)
      : server_(server),
        place_(server.connections_.insert(server.connections_.end(), &connection)) {
    server_.state_.metrics.connections.add(1);
  }
  ~Membership() {
    server_.state_.metrics.connections.add(-1);
    server_.connections_.erase(place_);
  }
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;

 private:
  Impl& server_;
  std::list<Connection*>::iterator place_;
};

Result<void> Server::Impl::start() {
  owner_.check();
  if (state_.options.tls) {
    if (auto loaded = load_certificate(); !loaded) return loaded;
  }
  std::vector<std::unique_ptr<Door>> doors;
  for (const Listener& listener : state_.options.listeners) {
    if (listener.tls && !tls_) {
      return fail(Errc::InvalidArgument,
                  fmt::format("{} wants TLS, but there is no certificate", listener.address.str()));
    }
    auto acceptor = bind(executor_, listener);
    if (!acceptor) return std::unexpected(acceptor.error());
    doors.push_back(std::make_unique<Door>(Door{std::move(*acceptor), listener.tls}));
  }
  doors_ = std::move(doors);
  tasks_.spawn("http.tick", tick_loop());
  return {};
}

void Server::Impl::accept() {
  owner_.check();
  for (const auto& door : doors_) tasks_.spawn("http.accept", accept_loop(door.get()));
}

std::vector<int> Server::Impl::listening_descriptors() const {
  std::vector<int> descriptors;
  for (const auto& door : doors_) descriptors.push_back(door->acceptor.native_handle());
  return descriptors;
}

void Server::Impl::close_listeners() {
  owner_.check();
  state_.leaving = true;
  for (const auto& door : doors_) {
    error_code ignored;
    door->acceptor.close(ignored);
  }
}

Result<void> Server::Impl::load_certificate() {
  owner_.check();
  if (!state_.options.tls) return fail(Errc::FailedPrecondition, "TLS is not configured");
  auto loaded = TlsIdentity::load(*state_.options.tls);
  if (!loaded) return std::unexpected(loaded.error());
  tls_ = std::move(*loaded);
  state_.metrics.certificate_expiry.set(static_cast<double>(unix_s(tls_->expires_at)));
  log::info("http.certificate_loaded", {{"file", state_.options.tls->certificate.string()},
                                        {"expires_unix_s", unix_s(tls_->expires_at)}});
  return {};
}

std::vector<SocketAddress> Server::Impl::endpoints() const {
  std::vector<SocketAddress> addresses;
  for (const auto& door : doors_) {
    error_code ignored;
    addresses.push_back(to_socket_address(door->acceptor.local_endpoint(ignored)));
  }
  return addresses;
}

Task<> Server::Impl::accept_loop(Door* door) {
  while (co_await accept_one(door)) {
  }
}

/// Whether to go on accepting.
Task<bool> Server::Impl::accept_one(Door* door) {
  error_code failure;
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  tcp::socket socket = co_await door->acceptor.async_accept(token);
  // One that came in just before the door was closed is served: nobody else has it.
  if (state_.stopping || (failure && !door->acceptor.is_open())) co_return false;
  if (failure) {
    // Out of descriptors or memory: time heals it, a busy loop does not.
    log::warning("http.accept_failed", {{"reason", failure.message()}});
    asio::steady_timer pause(executor_, std::chrono::milliseconds(100));
    co_await pause.async_wait(asio::use_awaitable);
    co_return true;
  }
  if (accepted_ >= state_.options.connections_max) {
    turn_away(std::move(socket), door->tls);
  } else {
    ++accepted_;
    tasks_.spawn("http.connection", serve(std::move(socket), door->tls));
  }
  co_return door->acceptor.is_open();
}

/// Without a coroutine, since those are what there are too many of.
void Server::Impl::turn_away(tcp::socket socket, bool tls) {
  state_.metrics.refused_connections.add();
  if (tls) return;
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.send(asio::buffer(kTooManyConnections), 0, ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

Task<> Server::Impl::serve(tcp::socket socket, bool tls) {
  struct Leave {
    Impl& server;
    ~Leave() {
      if (--server.accepted_ == 0) server.last_gone_.cancel();
    }
  } leave{*this};
  error_code failure;
  const ClientOrigin peer{to_socket_address(socket.remote_endpoint(failure)).ip, tls};
  if (failure) co_return;
  socket.set_option(tcp::no_delay(true), failure);
  Connection connection(
      state_, tls && tls_ ? Stream(std::move(socket), tls_->context) : Stream(std::move(socket)),
      peer);
  const Membership membership(*this, connection);
  co_await connection.run();
}

Task<> Server::Impl::tick_loop() {
  asio::steady_timer timer(executor_);
  while (true) {
    timer.expires_after(state_.options.timeouts.tick);
    co_await timer.async_wait(asio::use_awaitable);
    const TimePoint now = monotonic_now();
    for (Connection* connection : connections_) connection->on_tick(now);
  }
}

Task<> Server::Impl::stop(Duration grace) {
  owner_.check();
  state_.stopping = true;
  close_listeners();
  for (Connection* connection : connections_) connection->begin_stop();
  if (accepted_ > 0) {
    error_code ignored;
    last_gone_.expires_after(grace);
    auto token = asio::redirect_error(asio::use_awaitable, ignored);
    co_await last_gone_.async_wait(token);
  }
  for (Connection* connection : connections_) connection->cut();
  co_await tasks_.stop();
}

Server::Server(asio::any_io_executor executor, Router router, Metrics& metrics,
               ServerOptions options)
    : impl_(std::make_unique<Impl>(std::move(executor), std::move(router), metrics,
                                   std::move(options))) {}
Server::~Server() = default;

Result<void> Server::start() { return impl_->start(); }
void Server::accept() { impl_->accept(); }
std::vector<int> Server::listening_descriptors() const { return impl_->listening_descriptors(); }
void Server::close_listeners() { impl_->close_listeners(); }
std::vector<SocketAddress> Server::endpoints() const { return impl_->endpoints(); }
Result<void> Server::reload_certificate() { return impl_->load_certificate(); }
Task<> Server::stop(Duration grace) { return impl_->stop(grace); }

}  // namespace vis::http
