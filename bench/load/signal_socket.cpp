#include "load/signal_socket.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <exception>
#include <utility>

namespace vis::bench {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;

void rethrow(const std::exception_ptr& failure) {
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

SignalSocket::SignalSocket(asio::io_context& io, Options options)
    : io_(io), options_(std::move(options)), stream_(io) {
  asio::co_spawn(io_, read_all(), rethrow);
}

asio::awaitable<void> SignalSocket::read_all() {
  const asio::ip::tcp::endpoint server{asio::ip::address_v4::loopback(), options_.port};
  co_await stream_.next_layer().async_connect(server, asio::use_awaitable);
  stream_.next_layer().set_option(asio::ip::tcp::no_delay{true});
  if (!options_.subprotocol.empty()) {
    const auto name_protocol = [this](websocket::request_type& request) {
      request.set(boost::beast::http::field::sec_websocket_protocol, options_.subprotocol);
    };
    stream_.set_option(websocket::stream_base::decorator{name_protocol});
  }
  const std::string host = "127.0.0.1:" + std::to_string(options_.port);
  co_await stream_.async_handshake(host, options_.target, asio::use_awaitable);
  stream_.binary(options_.binary);
  open_ = true;
  if (!output_.empty()) send({});
  for (;;) {
    co_await stream_.async_read(input_, asio::use_awaitable);
    const std::string message = boost::beast::buffers_to_string(input_.data());
    input_.consume(input_.size());
    options_.on_message(message);
  }
}

void SignalSocket::send(std::string message) {
  if (!message.empty()) output_.push_back(std::move(message));
  if (!open_ || writing_ || output_.empty()) return;
  writing_ = true;
  asio::co_spawn(io_, write_all(), rethrow);
}

asio::awaitable<void> SignalSocket::write_all() {
  while (!output_.empty()) {
    const std::string message = std::move(output_.front());
    output_.pop_front();
    co_await stream_.async_write(asio::buffer(message), asio::use_awaitable);
  }
  writing_ = false;
}

}  // namespace vis::bench
