#include "media_io/file_descriptor.hpp"

#include <unistd.h>

namespace vis::media_io {

FileDescriptor::~FileDescriptor() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace vis::media_io
