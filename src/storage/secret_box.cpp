#include "storage/secret_box.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/assert.hpp"
#include "base/encoding.hpp"
#include "base/log.hpp"

namespace vis::storage {
namespace {

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kKeyBytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kOthers = 0077;
constexpr std::uintmax_t kKeyFileBytesMax = 64 * 1024;

/// Reads `NUMBER` and the rest behind `separator`. Numbers count from 1.
struct Numbered {
  std::uint32_t number = 0;
  std::string_view rest;

  static std::optional<Numbered> parse(std::string_view text, char separator) {
    Numbered parsed;
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, parsed.number);
    if (error != std::errc{} || at == end || *at != separator || parsed.number == 0) {
      return std::nullopt;
    }
    parsed.rest = text.substr(static_cast<std::size_t>(at - text.data()) + 1);
    return parsed;
  }
};

/// A file descriptor that closes itself.
class File final {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

std::unexpected<Error> system_failure(std::string_view what, const std::filesystem::path& path) {
  return fail(Errc::Unavailable,
              std::string(what) + " " + path.string() + ": " + std::strerror(errno));
}

/// Writes a new file that survives a power cut once this returns.
Result<void> write_durably(const std::filesystem::path& path, std::string_view text) {
  const File file(::open(path.c_str(), O_CREAT | O_EXCL | O_CLOEXEC | O_WRONLY, kOwnerOnly));
  if (file.get() < 0) return system_failure("cannot create", path);
  const ssize_t written = ::write(file.get(), text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size()) || ::fsync(file.get()) != 0) {
    return system_failure("cannot write", path);
  }
  return {};
}

void sync_directory(const std::filesystem::path& path) {
  const File directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() >= 0) ::fsync(directory.get());
}

void warn_of_open_mode(const std::filesystem::path& key_file) {
  struct stat status{};
  if (::stat(key_file.c_str(), &status) != 0 || (status.st_mode & kOthers) == 0) return;
  log::warning(
      "storage.key_file_exposed",
      {{"path", key_file.string()}, {"advice", "others may read the master key: chmod 600 it"}});
}

}  // namespace

SecretBox::Key::~Key() { sodium_memzero(bytes.data(), bytes.size()); }

Result<SecretBox> SecretBox::load(const std::filesystem::path& key_file) {
  VIS_ASSERT(sodium_init() >= 0);
  std::error_code ignored;
  if (!std::filesystem::exists(key_file, ignored)) {
    return fail(Errc::NotFound, "there is no master key file " + key_file.string());
  }
  std::ifstream file(key_file);
  if (!file || std::filesystem::file_size(key_file, ignored) > kKeyFileBytesMax) {
    return fail(Errc::InvalidArgument,
                "the master key file " + key_file.string() + " cannot be read");
  }
  warn_of_open_mode(key_file);
  SecretBox box;
  for (std::string line; std::getline(file, line);) {
    const Result<void> added = box.add_line(line);
    sodium_memzero(line.data(), line.size());
    if (!added) return fail(added.error().code, key_file.string() + ": " + added.error().message);
  }
  if (box.keys_.empty()) {
    return fail(Errc::InvalidArgument,
                "the master key file " + key_file.string() + " holds no key");
  }
  return box;
}

Result<void> SecretBox::add_line(std::string_view line) {
  while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
  if (line.empty() || line.starts_with('#')) return {};
  const auto numbered = Numbered::parse(line, ' ');
  auto bytes = numbered ? base64_decode(numbered->rest) : std::nullopt;
  if (!bytes || bytes->size() != kKeyBytes) {
    return fail(Errc::InvalidArgument, "a line is not a number and 32 bytes in base64");
  }
  const auto [entry, inserted] = keys_.try_emplace(numbered->number);
  if (!inserted) return fail(Errc::InvalidArgument, "two keys have the same number");
  std::ranges::copy(*bytes, entry->second.bytes.begin());
  sodium_memzero(bytes->data(), bytes->size());
  return {};
}

Result<void> SecretBox::create_key_file(const std::filesystem::path& key_file,
                                        RandomSource& random) {
  VIS_ASSERT(sodium_init() >= 0);
  Key key;
  random.fill(key.bytes);
  std::string text =
      "# The master key of a Visavis server. With the database it opens every stored secret;\n"
      "# without it they are lost. Keep a copy apart from the copies of the database.\n"
      "1 " +
      base64_encode(key.bytes) + "\n";
  // Linked into place when complete: of two processes that start together, the second finds the
  // file of the first.
  const std::filesystem::path draft = key_file.string() + random_id(random, ".");
  Result<void> created = write_durably(draft, text);
  sodium_memzero(text.data(), text.size());
  if (created && ::link(draft.c_str(), key_file.c_str()) != 0) {
    if (errno == EEXIST) {
      created = fail(Errc::AlreadyExists, key_file.string() + " exists");
    } else {
      created = system_failure("cannot create", key_file);
    }
  }
  ::unlink(draft.c_str());
  if (created) sync_directory(key_file.parent_path().empty() ? "." : key_file.parent_path());
  return created;
}

std::string SecretBox::seal(const Secret& secret, std::string_view context,
                            RandomSource& random) const {
  const std::string& plain = secret.reveal();
  ByteVector sealed(kNonceBytes + plain.size() + kTagBytes);
  const auto nonce = MutableBytes(sealed).first<kNonceBytes>();
  random.fill(nonce);
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + kNonceBytes, nullptr,
                                             as_bytes(plain).data(), plain.size(),
                                             as_bytes(context).data(), context.size(), nullptr,
                                             nonce.data(), keys_.rbegin()->second.bytes.data());
  return std::to_string(newest_key()) + ":" + base64url_encode(sealed);
}

Result<Secret> SecretBox::open(std::string_view sealed, std::string_view context) const {
  const auto numbered = Numbered::parse(sealed, ':');
  const auto bytes = numbered ? base64url_decode(numbered->rest) : std::nullopt;
  if (!bytes || bytes->size() < kNonceBytes + kTagBytes) {
    return fail(Errc::Internal, "a stored secret is damaged");
  }
  const auto key = keys_.find(numbered->number);
  if (key == keys_.end()) {
    return fail(Errc::Internal, "a stored secret needs master key " +
                                    std::to_string(numbered->number) +
                                    ", which the key file does not have");
  }
  const Bytes ciphertext = Bytes(*bytes).subspan(kNonceBytes);
  ByteVector plain(ciphertext.size() - kTagBytes);
  const int opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
      plain.data(), nullptr, nullptr, ciphertext.data(), ciphertext.size(),
      as_bytes(context).data(), context.size(), bytes->data(), key->second.bytes.data());
  if (opened != 0) {
    return fail(Errc::Internal, "a stored secret was not sealed with this master key");
  }
  Secret secret{std::string(as_text(plain))};
  sodium_memzero(plain.data(), plain.size());
  return secret;
}

}  // namespace vis::storage
