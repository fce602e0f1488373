#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include <openssl/evp.h>

#include "media/stun/attributes.hpp"
#include "media/stun/builder.hpp"
#include "media/turn/attributes.hpp"
#include "media/turn/server.hpp"

namespace vis::media::turn::test {

/// Writes requests of a client by hand and understands the answers: an honest client, or an
/// attacker after a change of any field.
class HandmadeClient {
 public:
  HandmadeClient(Server& server, const SocketAddress& address, Credential credential)
      : id{.carrier = Carrier::Udp, .local = 1, .address = address},
        credential_(std::move(credential)),
        server_(&server) {}

  using Attributes = std::function<void(stun::MessageBuilder&)>;

  struct Answer {
    stun::Class message_class{};
    std::uint16_t error = 0;
    std::optional<SocketAddress> relayed;
    std::optional<std::uint32_t> lifetime_s;
    bool proven = false;  ///< It bears the proof of our password.
  };

  /// Sends a request under the credential and reads the answer. Nothing when there was none.
  std::optional<Answer> ask(stun::Method method, const Attributes& add = {}) {
    return read(server_->on_message(now, id, request(method, add)));
  }

  /// Asks without a credential, and keeps the realm and nonce of the refusal.
  bool meet() {
    std::array<std::uint8_t, 600> buffer{};
    stun::MessageBuilder builder{buffer, stun::Class::Request, next_id(), stun::Method::Allocate};
    const auto out = server_->on_message(now, id, builder.finish());
    if (!out.to_client) return false;
    const auto message = Message::parse(out.to_client->message);
    if (!message || message->stun.error_code != kUnauthenticated) return false;
    realm = std::string(message->realm.value_or(""));
    nonce = std::string(message->nonce.value_or(""));
    return !nonce.empty();
  }

  std::optional<Answer> allocate(const Attributes& more = {}) {
    auto answer = ask(stun::Method::Allocate, [&](stun::MessageBuilder& builder) {
      add_u32(builder, attribute::kRequestedTransport, std::uint32_t{kUdpProtocol} << 24);
      if (more) more(builder);
    });
    if (answer && answer->relayed) relayed = *answer->relayed;
    return answer;
  }
  std::optional<Answer> permit(std::initializer_list<SocketAddress> peers) {
    return ask(stun::Method::CreatePermission, [&](stun::MessageBuilder& builder) {
      for (const SocketAddress& peer : peers) {
        builder.add_xor_address(attribute::kXorPeerAddress, peer);
      }
    });
  }
  std::optional<Answer> bind(std::uint16_t channel, const SocketAddress& peer) {
    return ask(stun::Method::ChannelBind, [&](stun::MessageBuilder& builder) {
      add_u32(builder, attribute::kChannelNumber, std::uint32_t{channel} << 16);
      builder.add_xor_address(attribute::kXorPeerAddress, peer);
    });
  }
  Server::Output send(const SocketAddress& peer, Bytes data) {
    std::array<std::uint8_t, 2000> buffer{};
    stun::MessageBuilder builder{buffer, stun::Class::Indication, next_id(), stun::Method::Send};
    builder.add_xor_address(attribute::kXorPeerAddress, peer);
    builder.add_value(attribute::kData, data);
    return server_->on_message(now, id, builder.finish());
  }
  Server::Output send_on(std::uint16_t channel, Bytes data) {
    std::array<std::uint8_t, 2000> buffer{};
    ByteWriter writer{buffer};
    ChannelData{.number = channel, .data = data}.write(writer, false);
    return server_->on_message(now, id, writer.written());
  }

  ByteVector request(stun::Method method, const Attributes& add) {
    std::array<std::uint8_t, 2000> buffer{};
    stun::MessageBuilder builder{buffer, stun::Class::Request, next_id(), method};
    if (add) add(builder);
    builder.add_username(credential_.username);
    builder.add_value(stun::attribute::kRealm, as_bytes(realm));
    builder.add_value(stun::attribute::kNonce, as_bytes(nonce));
    const Bytes message = builder.finish(key());
    return {message.begin(), message.end()};
  }

  static void add_u32(stun::MessageBuilder& builder, std::uint16_t type, std::uint32_t value) {
    std::array<std::uint8_t, 4> bytes{};
    ByteWriter{bytes}.u32(value);
    builder.add_value(type, bytes);
  }

  std::optional<Answer> read(const Server::Output& out) const {
    if (!out.to_client || out.to_client->client != id) return std::nullopt;
    const auto message = Message::parse(out.to_client->message);
    if (!message) return std::nullopt;
    return Answer{.message_class = message->stun.message_class,
                  .error = message->stun.error_code.value_or(0),
                  .relayed = relayed_of(out.to_client->message),
                  .lifetime_s = message->lifetime_s,
                  .proven = message->stun.verify_integrity(key())};
  }

  ClientId id;
  Now now{.monotonic = TimePoint{1000s}, .wall = wall_from_unix_ms(1'700'000'000'000)};
  std::string realm;
  std::string nonce;
  SocketAddress relayed;
  bool repeat_id = false;

 private:
  stun::TransactionId next_id() {
    if (!repeat_id) ++count_;
    return {static_cast<std::uint8_t>(count_ >> 8), static_cast<std::uint8_t>(count_)};
  }

  stun::IntegrityKey key() const {
    const std::string text =
        credential_.username + ":" + realm + ":" + credential_.password.reveal();
    std::array<std::uint8_t, 16> digest{};
    EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_md5(), nullptr);
    return stun::IntegrityKey{as_text(digest)};
  }

  static std::optional<SocketAddress> relayed_of(Bytes message) {
    ByteReader reader{message};
    reader.skip(stun::kHeaderBytes);
    while (!reader.at_end() && reader.ok()) {
      const std::uint16_t type = reader.u16();
      const Bytes value = reader.take(reader.u16());
      reader.skip(stun::attribute::padding_after(value.size()));
      if (type == attribute::kXorRelayedAddress) return stun::read_xor_address(value, message);
    }
    return std::nullopt;
  }

  Credential credential_;
  Server* server_;
  unsigned count_ = 0;
};

}  // namespace vis::media::turn::test
