#include "app/turn_over_tls.hpp"

#include <memory>
#include <utility>

namespace vis::app {
namespace {

class Output final : public media_io::StreamOutput {
 public:
  explicit Output(std::shared_ptr<http::GuestOutput> output) : output_(std::move(output)) {}
  void write(ByteVector bytes) override { output_->write(std::move(bytes)); }
  void close() override { output_->close(); }

 private:
  /// Shared with the connection of the web server, which may end first.
  std::shared_ptr<http::GuestOutput> output_;
};

}  // namespace

void TurnOverTls::opened(const SocketAddress& client, std::shared_ptr<http::GuestOutput> output) {
  relay_.open_stream(client, std::make_shared<Output>(std::move(output)));
}

void TurnOverTls::received(const SocketAddress& client, Bytes bytes) {
  relay_.stream_bytes(client, {bytes.begin(), bytes.end()});
}

void TurnOverTls::closed(const SocketAddress& client) { relay_.stream_closed(client); }

}  // namespace vis::app
