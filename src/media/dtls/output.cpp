#include "media/dtls/output.hpp"

#include <openssl/crypto.h>

namespace vis::media::dtls {

SrtpKeys::~SrtpKeys() {
  OPENSSL_cleanse(&write, sizeof(write));
  OPENSSL_cleanse(&read, sizeof(read));
}

}  // namespace vis::media::dtls
