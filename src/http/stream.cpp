#include "http/stream.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>
#include <variant>

namespace vis::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

using TlsStream = asio::ssl::stream<tcp::socket>;

struct Stream::Transport {
  std::variant<tcp::socket, TlsStream> layer;

  TlsStream* tls() { return std::get_if<TlsStream>(&layer); }
  tcp::socket& socket() { return tls() != nullptr ? tls()->next_layer() : std::get<0>(layer); }
};

SocketAddress to_socket_address(const tcp::endpoint& endpoint) {
  const asio::ip::address& address = endpoint.address();
  return {.ip = address.is_v6() ? IpAddress::v6(address.to_v6().to_bytes())
                                : IpAddress::v4(address.to_v4().to_bytes()),
          .port = endpoint.port()};
}

Stream::Stream(tcp::socket socket)
    : transport_(std::make_unique<Transport>(Transport{std::move(socket)})) {}
Stream::Stream(tcp::socket socket, asio::ssl::context& tls)
    : transport_(std::make_unique<Transport>(Transport{TlsStream(std::move(socket), tls)})) {}
Stream::~Stream() = default;
Stream::Stream(Stream&&) noexcept = default;

asio::any_io_executor Stream::get_executor() { return transport_->socket().get_executor(); }

SocketAddress Stream::remote() const {
  error_code failure;
  const tcp::endpoint endpoint = transport_->socket().remote_endpoint(failure);
  return failure ? SocketAddress{} : to_socket_address(endpoint);
}

SocketAddress Stream::local() const {
  error_code failure;
  const tcp::endpoint endpoint = transport_->socket().local_endpoint(failure);
  return failure ? SocketAddress{} : to_socket_address(endpoint);
}

Task<Stream::Transfer> Stream::read_some(MutableBytes target) {
  const auto buffer = asio::buffer(target.data(), target.size());
  auto pending = std::visit(
      [&](auto& layer) {
        return layer.async_read_some(buffer, asio::as_tuple(asio::use_awaitable));
      },
      transport_->layer);
  auto [failure, bytes] = co_await std::move(pending);
  co_return Transfer{failure, bytes};
}

Task<Stream::Transfer> Stream::write_some(Outgoing outgoing) {
  const std::array buffers = {asio::buffer(outgoing.first.data(), outgoing.first.size()),
                              asio::buffer(outgoing.second.data(), outgoing.second.size())};
  auto pending = std::visit(
      [&](auto& layer) {
        return layer.async_write_some(buffers, asio::as_tuple(asio::use_awaitable));
      },
      transport_->layer);
  auto [failure, bytes] = co_await std::move(pending);
  co_return Transfer{failure, bytes};
}

Task<error_code> Stream::handshake() {
  error_code failure;
  if (TlsStream* tls = transport_->tls()) {
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    co_await tls->async_handshake(TlsStream::server, token);
  }
  co_return failure;
}

Task<> Stream::finish() {
  error_code ignored;
  if (TlsStream* tls = transport_->tls()) {
    auto token = asio::redirect_error(asio::use_awaitable, ignored);
    co_await tls->async_shutdown(token);
  }
  transport_->socket().shutdown(tcp::socket::shutdown_send, ignored);
}

void Stream::cancel() noexcept {
  error_code ignored;
  transport_->socket().cancel(ignored);
}

void Stream::close() noexcept {
  error_code ignored;
  transport_->socket().close(ignored);
}

}  // namespace vis::http
