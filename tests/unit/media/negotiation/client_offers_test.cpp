#include "media/negotiation/negotiator.hpp"
