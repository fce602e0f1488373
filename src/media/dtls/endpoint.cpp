#include "media/dtls/endpoint.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include "base/assert.hpp"
#include "base/limits/media_dtls.hpp"
#include "media/dtls/openssl.hpp"

namespace vis::media::dtls {
namespace {

constexpr std::string_view kExporterLabel = "EXTRACTOR-dtls_srtp";
/// What OpenSSL's timer callback answers: at once, and not within any handshake.
constexpr unsigned kExpiredUs = 1;
constexpr unsigned kNeverUs = 3'600'000'000;

/// One that says "later", not "the end", when it is empty.
BIO* new_buffer() {
  BIO* const buffer = BIO_new(BIO_s_mem());
  VIS_ASSERT(buffer != nullptr);
  BIO_set_mem_eof_return(buffer, -1);
  return buffer;
}

std::string_view last_error() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason == nullptr ? std::string_view{} : reason;
}

}  // namespace

Endpoint::Endpoint(const Context& context) : context_(&context) {}

Endpoint::~Endpoint() = default;

void Endpoint::Free::operator()(ssl_st* ssl) const noexcept { SSL_free(ssl); }

Result<void> Endpoint::set_remote_fingerprints(std::span<const Fingerprint> fingerprints,
                                               Output& out) {
  if (fingerprints.empty()) {
    return vis::fail(Errc::InvalidArgument, "no fingerprint with a hash function we take");
  }
  if (fingerprints.size() > limits::kDtlsFingerprints) {
    return vis::fail(Errc::LimitExceeded, "too many fingerprints");
  }
  const auto previous = std::exchange(expected_, {fingerprints.begin(), fingerprints.end()});
  if (state_ == State::Unverified) verify(out);
  if (state_ == State::Connected && !peer_matches()) {
    expected_ = previous;
    return vis::fail(Errc::FailedPrecondition, "a new fingerprint needs a new DTLS association");
  }
  return {};
}

void Endpoint::start(TimePoint now, Role role, Output& out) {
  VIS_ASSERT(state_ == State::Idle);
  role_ = role;
  state_ = State::Handshaking;
  handshake_deadline_ = now + kHandshakeTimeout;
  switch (role) {
    case Role::Server: break;  // What it needs is made when the peer speaks.
    case Role::Client: handshake(now, out); break;
  }
}

void Endpoint::on_datagram(TimePoint now, Bytes datagram, Output& out) {
  if (state_ == State::Idle || state_ == State::Closed || state_ == State::Failed) return;
  const Bytes records = accepted_part(datagram);
  if (records.empty()) return;
  const ErrorScope errors;
  if (!ssl_) make_ssl();
  BIO_write(incoming_, records.data(), static_cast<int>(records.size()));
  if (state_ == State::Handshaking) {
    handshake(now, out);
  } else {
    read(out);
    if (ssl_) collect(now, out);
  }
  if (!ssl_) return;
  BIO_reset(incoming_);
  release_buffers();
}

void Endpoint::on_deadline(TimePoint now, Output& out) {
  if (state_ != State::Handshaking && state_ != State::Unverified) return;
  if (now >= handshake_deadline_) {
    fail(FailureReason::HandshakeTimeout, {}, out);
  } else if (const auto due = flight_.due(); due && now >= *due) {
    send_records(flight_.take(now), out);
  }
}

std::optional<TimePoint> Endpoint::next_deadline() const {
  if (state_ != State::Handshaking && state_ != State::Unverified) return std::nullopt;
  return std::min(handshake_deadline_, flight_.due().value_or(handshake_deadline_));
}

Result<void> Endpoint::send_application_data(Bytes data, Output& out) {
  if (state_ != State::Connected) {
    return vis::fail(Errc::FailedPrecondition, "DTLS is not connected");
  }
  if (data.empty() || data.size() > limits::kDtlsApplicationBytes) {
    return vis::fail(Errc::LimitExceeded, "does not fit into a DTLS record");
  }
  const ErrorScope errors;
  restore_buffers();
  if (SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size())) <= 0) {
    fail(FailureReason::Broken, last_error(), out);
    return vis::fail(Errc::Unavailable, "DTLS cannot send");
  }
  collect({}, out);
  release_buffers();
  return {};
}

/// Those for the record at hand, 19 kB: most associations only ever carry a handshake.
void Endpoint::release_buffers() {
  if (state_ == State::Connected) SSL_free_buffers(ssl_.get());
}

/// Reading makes them again, and there is nothing to read. Writing takes them for granted.
void Endpoint::restore_buffers() {
  std::uint8_t nothing = 0;
  SSL_peek(ssl_.get(), &nothing, 1);
}

void Endpoint::close(Output& out) {
  if (state_ == State::Connected) {
    const ErrorScope errors;
    restore_buffers();
    SSL_shutdown(ssl_.get());
    collect({}, out);
  }
  if (state_ != State::Failed) finish(State::Closed);
}

/// OpenSSL asks here how long to wait before it sends a flight again: with 0 when a flight
/// begins, else before each repetition (see Flight).
unsigned Endpoint::on_timer(ssl_st* ssl, unsigned current_us) {
  Endpoint& self = *static_cast<Endpoint*>(SSL_get_app_data(ssl));
  const bool repetition = current_us != 0;
  self.marks_.push_back({BIO_ctrl_pending(self.outgoing_), repetition});
  self.repetitions_ = repetition ? self.repetitions_ + 1 : 0;
  return self.repetitions_ < Flight::kCopies ? kExpiredUs : kNeverUs;
}

void Endpoint::make_ssl() {
  ssl_.reset(SSL_new(context_->ssl_ctx()));
  VIS_ASSERT(ssl_);
  incoming_ = new_buffer();
  outgoing_ = new_buffer();
  SSL_set_bio(ssl_.get(), incoming_, outgoing_);
  SSL_set_app_data(ssl_.get(), this);
  SSL_set_mtu(ssl_.get(), static_cast<long>(kMtu));
  DTLS_set_timer_cb(ssl_.get(), &Endpoint::on_timer);
  early_records_ = 0;
  switch (role_) {
    case Role::Client: SSL_set_connect_state(ssl_.get()); break;
    case Role::Server: SSL_set_accept_state(ssl_.get()); break;
  }
}

bool Endpoint::accepts(const Record& record) {
  const bool data = record.type == ContentType::ApplicationData;
  if (state_ == State::Connected) return record.epoch == 1;
  if (state_ == State::Unverified) return record.epoch == 1 && !data;
  if (record.epoch == 0) {
    // What only a DTLS client says, said to one, would end the handshake.
    const bool absurd = role_ == Role::Client && record.begins_client_hello();
    return !absurd && !data && record.type != ContentType::Alert;
  }
  // A Finished that overtook what precedes it. OpenSSL keeps such records in memory.
  return record.epoch == 1 && record.type == ContentType::Handshake &&
         ++early_records_ <= limits::kDtlsEarlyRecords;
}

/// The records of a datagram that may reach OpenSSL.
Bytes Endpoint::accepted_part(Bytes datagram) {
  accepted_.clear();
  ByteReader reader{datagram};
  while (!reader.at_end()) {
    const auto record = Record::parse(reader);
    if (!record) break;
    if (!accepts(*record)) continue;
    accepted_.insert(accepted_.end(), record->bytes.begin(), record->bytes.end());
  }
  if (state_ != State::Handshaking) return accepted_;
  if (handshake_bytes_ + accepted_.size() > limits::kDtlsHandshakeBytes) return {};
  handshake_bytes_ += accepted_.size();
  return accepted_;
}

void Endpoint::handshake(TimePoint now, Output& out) {
  const ErrorScope errors;
  if (!ssl_) make_ssl();
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1 && SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) {
    handshake_failed(out);
    return;
  }
  collect(now, out);
  if (result != 1) {
    start_early(out);
    return;
  }
  flight_.clear();
  // The buffers have grown to hold a flight, one of them many times over; from now on they hold a
  // record, if anything.
  incoming_ = new_buffer();
  outgoing_ = new_buffer();
  SSL_set_bio(ssl_.get(), incoming_, outgoing_);
  accepted_ = ByteVector{};
  state_ = State::Unverified;
  if (!expected_.empty()) verify(out);
}

/// Nothing is sent, not even the alert that OpenSSL has prepared: who caused this is unknown.
void Endpoint::handshake_failed(Output& out) {
  ++attempts_;
  if (role_ == Role::Client || attempts_ >= limits::kDtlsHandshakeAttempts) {
    fail(FailureReason::HandshakeFailed, last_error(), out);
    return;
  }
  ssl_.reset();
  marks_.clear();
  flight_.clear();
}

/// A client that has sent its Finished knows the server by its certificate and its signature, and
/// sends without waiting a round trip for the server's Finished (False Start, RFC 7918; all that
/// we offer is strong enough for it).
void Endpoint::start_early(Output& out) {
  if (role_ != Role::Client || keyed_ || SSL_get_state(ssl_.get()) != TLS_ST_CW_FINISHED) return;
  keyed_ = peer_matches() && export_keys(out);
}

/// The gate: only here and in `start_early` keys leave OpenSSL.
void Endpoint::verify(Output& out) {
  const ErrorScope errors;
  if (!peer_matches()) {
    SSL_shutdown(ssl_.get());
    collect({}, out);
    fail(FailureReason::FingerprintMismatch, {}, out);
  } else if (!keyed_ && !export_keys(out)) {
    fail(FailureReason::NoSrtpProfile, {}, out);
  } else {
    keyed_ = true;
    state_ = State::Connected;
    out.connected = true;
  }
}

bool Endpoint::peer_matches() const {
  const X509* const certificate = SSL_get0_peer_certificate(ssl_.get());
  if (certificate == nullptr || expected_.empty()) return false;
  const Fingerprint actual = fingerprint_of(certificate, strongest_hash(expected_));
  return std::ranges::find(expected_, actual) != expected_.end();
}

/// RFC 5764 section 4.2: both keys, then both salts, the client's first.
bool Endpoint::export_keys(Output& out) {
  const SRTP_PROTECTION_PROFILE* const chosen = SSL_get_selected_srtp_profile(ssl_.get());
  if (chosen == nullptr) return false;
  SrtpKeys keys;
  keys.profile = static_cast<SrtpProfile>(chosen->id);
  const std::size_t salt_size = salt_bytes(keys.profile);
  std::array<std::uint8_t, 2 * (16 + 14)> material{};
  const std::size_t size = 2 * (keys.write.key.size() + salt_size);
  const int exported =
      SSL_export_keying_material(ssl_.get(), material.data(), size, kExporterLabel.data(),
                                 kExporterLabel.size(), nullptr, 0, 0);
  if (exported != 1) return false;
  const bool client = role_ == Role::Client;
  SrtpKey& client_key = client ? keys.write : keys.read;
  SrtpKey& server_key = client ? keys.read : keys.write;
  ByteReader reader{Bytes(material).first(size)};
  std::ranges::copy(reader.take(16), client_key.key.begin());
  std::ranges::copy(reader.take(16), server_key.key.begin());
  std::ranges::copy(reader.take(salt_size), client_key.salt.begin());
  std::ranges::copy(reader.take(salt_size), server_key.salt.begin());
  OPENSSL_cleanse(material.data(), material.size());
  out.keys = keys;
  return true;
}

void Endpoint::read(Output& out) {
  std::array<std::uint8_t, SSL3_RT_MAX_PLAIN_LENGTH> buffer;
  for (;;) {
    const int result = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (result > 0) {
      out.application_data.add(Bytes(buffer).first(static_cast<std::size_t>(result)));
      continue;
    }
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ: return;
      case SSL_ERROR_ZERO_RETURN:
        SSL_shutdown(ssl_.get());
        collect({}, out);
        out.closed = true;
        finish(State::Closed);
        return;
      default: fail(FailureReason::Broken, last_error(), out); return;
    }
  }
}

/// Sends what OpenSSL has written and puts the repetitions of a flight aside.
void Endpoint::collect(TimePoint now, Output& out) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(outgoing_, &data);
  const Bytes written = as_bytes({data, static_cast<std::size_t>(size)});
  std::size_t sent = marks_.empty() ? written.size() : marks_.front().at;
  send_records(written.first(sent), out);
  PacketList copies;
  for (std::size_t i = 0; i < marks_.size(); ++i) {
    const std::size_t end = i + 1 < marks_.size() ? marks_[i + 1].at : written.size();
    const Bytes part = written.subspan(marks_[i].at, end - marks_[i].at);
    if (marks_[i].repetition) {
      copies.add(part);
    } else {
      send_records(part, out);
      copies.clear();
    }
  }
  if (!copies.empty()) flight_.replace(now, std::move(copies));
  marks_.clear();
  BIO_reset(outgoing_);
}

/// OpenSSL writes a stream of records; datagrams are cut between these, as few as the MTU allows.
void Endpoint::send_records(Bytes records, Output& out) const {
  ByteReader reader{records};
  std::size_t begin = 0;
  std::size_t end = 0;
  while (!reader.at_end()) {
    VIS_ASSERT(Record::parse(reader).has_value());
    if (reader.position() - begin > kMtu && end > begin) {
      out.datagrams.add(records.subspan(begin, end - begin));
      begin = end;
    }
    end = reader.position();
  }
  if (end > begin) out.datagrams.add(records.subspan(begin, end - begin));
}

void Endpoint::fail(FailureReason reason, std::string_view detail, Output& out) {
  out.failure = Failure{reason, detail};
  finish(State::Failed);
}

void Endpoint::finish(State state) {
  state_ = state;
  ssl_.reset();
  marks_.clear();
  flight_.clear();
}

}  // namespace vis::media::dtls
