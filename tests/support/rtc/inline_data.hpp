#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "media/sctp/association.hpp"
#include "media/sctp/stack.hpp"
#include "support/rtc/simulation.hpp"

namespace vis::test {

/// One end of the data channels of a peer connection: keeps what its association tells.
class DataEnd final : public media::sctp::AssociationSink {
 public:
  struct Message {
    std::string label;
    std::string text;
  };

  DataEnd(media::sctp::Stack& stack, const media::sctp::AssociationOptions& options)
      : association_(stack, options, *this) {
    association_.connect();
  }

  /// The two channels of the room protocol.
  void open_channels();
  /// False when there is no such channel, or no room.
  bool send(std::string_view label, std::string_view text);
  void receive(Bytes packet) { association_.receive(packet); }
  std::vector<ByteVector> take_packets() { return std::exchange(packets_, {}); }

  bool has(const std::string& label) const { return ids_.contains(label); }
  bool lost() const { return lost_; }
  /// Called with each message; those before it was set are in `received` as well.
  std::function<void(const Message&)> on_text;
  std::vector<Message> received;

  void on_packet(Bytes packet) override { packets_.emplace_back(packet.begin(), packet.end()); }
  void on_connected() override {}
  void on_channel_open(const media::sctp::Channel& channel) override;
  void on_channel_closed(media::sctp::ChannelId channel) override;
  void on_message(media::sctp::ChannelId channel, media::sctp::MessageKind kind,
                  Bytes message) override;
  void on_lost() override { lost_ = true; }

 private:
  std::map<std::string, media::sctp::ChannelId, std::less<>> ids_;
  std::map<media::sctp::ChannelId, std::string> labels_;
  std::vector<ByteVector> packets_;
  bool lost_ = false;
  media::sctp::Association association_;  ///< Last: it calls back while it goes up and down.
};

/// The data plane of a simulation: the real SCTP, at both ends, in the test's thread. The server's
/// end of a transport comes by itself when the engine opens it; a client's is made by `join`.
/// Outlives its simulation. A program that links this has sctp_clock.cpp's clock.
class InlineData final : public SimulatedData {
 public:
  InlineData();
  ~InlineData() override;

  /// SCTP at the client, from when its DTLS is up.
  DataEnd& join(ClientPeer& client);
  /// The server's end; null before the engine has opened it, and once it has closed it.
  DataEnd* server_end(media::sfu::TransportId transport);

  void open(media::sfu::TransportId transport,
            const media::sfu::DataAssociation& association) override;
  void receive(media::sfu::TransportId transport, Bytes packet) override;
  void close(media::sfu::TransportId transport) override;
  void on_step(TimePoint now, media::sfu::Engine& engine) override;
  std::optional<TimePoint> next_deadline() const override { return stack_.next_deadline(); }

 private:
  struct Client {
    ClientPeer& peer;
    std::unique_ptr<DataEnd> end;
  };

  media::sctp::Stack stack_;
  std::map<media::sfu::TransportId, std::unique_ptr<DataEnd>> servers_;
  std::vector<Client> clients_;
};

}  // namespace vis::test
