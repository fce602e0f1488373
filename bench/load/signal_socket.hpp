#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>

namespace vis::bench {

/// A WebSocket to a server on 127.0.0.1. Outlives the run of its io_context. A connection that
/// fails ends the benchmark: the exception comes out of the io_context.
class SignalSocket final {
 public:
  struct Options {
    std::uint16_t port = 0;
    std::string target = "/";
    std::string subprotocol;
    bool binary = false;
    std::function<void(const std::string&)> on_message;
  };
  SignalSocket(boost::asio::io_context& io, Options options);

  /// Sent once the connection is up, in order.
  void send(std::string message);

 private:
  boost::asio::awaitable<void> read_all();
  boost::asio::awaitable<void> write_all();

  boost::asio::io_context& io_;
  Options options_;
  boost::beast::websocket::stream<boost::asio::ip::tcp::socket> stream_;
  boost::beast::flat_buffer input_;
  std::deque<std::string> output_;
  bool open_ = false;
  bool writing_ = false;
};

}  // namespace vis::bench
