/* Loaded into the server under test (LD_PRELOAD): a disk that fails, and a system clock that is set.
 *
 * FAULT_DISK  a file that holds the name of an error while the disk is to fail with it: EIO, ENOSPC or
 *             EROFS; or SYNC: it takes what is written, and fails when it is to keep it. Empty or
 *             missing: it works.
 * FAULT_CLOCK a file that holds by how many seconds the system's clock is wrong.
 *
 * Only the database and its log are met. The clocks that count evenly are left alone. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* Reads a small file without any function that is replaced here. */
static int told(const char *variable, char *text, size_t size) {
    const char *path = getenv(variable);
    if (!path)
        return 0;
    int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    long count = syscall(SYS_read, file, text, size - 1);
    syscall(SYS_close, file);
    if (count <= 0)
        return 0;
    text[count] = 0;
    text[strcspn(text, "\n")] = 0;
    return text[0] != 0;
}

static int is_database(const char *path) {
    return strstr(path, "/rollcall.db") != NULL && strstr(path, "-shm") == NULL;
}

/* The error that the disk is to fail with, if it is; sync: for what asks it to keep things. */
static int failing(int sync) {
    char text[32];
    if (!told("FAULT_DISK", text, sizeof text))
        return 0;
    if (!strcmp(text, "EIO"))
        return EIO;
    if (!strcmp(text, "ENOSPC"))
        return sync ? 0 : ENOSPC;
    if (!strcmp(text, "EROFS"))
        return EROFS;
    if (!strcmp(text, "SYNC"))
        return sync ? EIO : 0;
    return 0;
}

static int fails(int file, int sync) {
    int error = failing(sync);
    if (!error)
        return 0;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0)
        return 0;
    path[length] = 0;
    if (!is_database(path))
        return 0;
    errno = error;
    return 1;
}

#define NEXT(name) \
    static __typeof__(name) *next; \
    if (!next) \
        next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int file, const void *bytes, size_t count) {
    NEXT(write);
    return fails(file, 0) ? -1 : next(file, bytes, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
    NEXT(pwrite);
    return fails(file, 0) ? -1 : next(file, bytes, count, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
    NEXT(pwrite64);
    return fails(file, 0) ? -1 : next(file, bytes, count, at);
}

int fsync(int file) {
    NEXT(fsync);
    return fails(file, 1) ? -1 : next(file);
}

int fdatasync(int file) {
    NEXT(fdatasync);
    return fails(file, 1) ? -1 : next(file);
}

int ftruncate(int file, off_t length) {
    NEXT(ftruncate);
    return fails(file, 0) ? -1 : next(file, length);
}

int ftruncate64(int file, off64_t length) {
    NEXT(ftruncate64);
    return fails(file, 0) ? -1 : next(file, length);
}

/* A file on a disk that is read-only cannot be opened to be written. */
static int may_not_open(const char *path, int flags) {
    if ((flags & O_ACCMODE) == O_RDONLY || !is_database(path) || failing(0) != EROFS)
        return 0;
    errno = EROFS;
    return 1;
}

int open(const char *path, int flags, ...) {
    NEXT(open);
    va_list arguments;
    va_start(arguments, flags);
    int mode = va_arg(arguments, int);
    va_end(arguments);
    return may_not_open(path, flags) ? -1 : next(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    NEXT(open64);
    va_list arguments;
    va_start(arguments, flags);
    int mode = va_arg(arguments, int);
    va_end(arguments);
    return may_not_open(path, flags) ? -1 : next(path, flags, mode);
}

static long wrong_by(void) {
    char text[32];
    return told("FAULT_CLOCK", text, sizeof text) ? atol(text) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += wrong_by();
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    int result = (int)syscall(SYS_gettimeofday, now, zone);
    if (result == 0)
        now->tv_sec += wrong_by();
    return result;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at)
        *at = now.tv_sec;
    return now.tv_sec;
}
