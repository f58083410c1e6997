/*
 * Records what a process does to the files below one folder, in the order in which it takes effect.
 *
 * Preloaded (LD_PRELOAD) before the C library into an unmodified process. POWERCUT_ROOT names the folder (an
 * absolute path without symbolic links), POWERCUT_TRACE the file, outside it, that the records are appended to;
 * without both the calls pass through untouched. disk.py reads the trace and says what it is for.
 *
 * A record is the struct `head`, in the machine's byte order, then `size1` and `size2` bytes:
 *
 *   kind  inode        at         bytes 1     bytes 2
 *   'C'   new file     -          path        -           open that created a regular file
 *   'M'   new folder   -          path        -           mkdir
 *   'W'   file         offset     data        -           write, pwrite, writev, pwritev, pwritev2
 *   'T'   file         new size   -           -           O_TRUNC, ftruncate, truncate, fallocate that grew it
 *   'S'   file/folder  -          -           -           fsync, fdatasync; after each write through O_SYNC
 *   'R'   -            -          old path    new path    rename
 *   'L'   -            -          old path    new path    link
 *   'U'   -            -          path        -           unlink
 *   'K'   -            -          path        -           rmdir
 *   'A'   -            -          data        -           write or writev to descriptor 1: an acknowledgement
 *
 * Paths are relative to the root. Only calls that succeeded are recorded, with what they really did. (run.py writes
 * 'D' and 'F' records for the folders and files that were there before.)
 *
 * - Order. The call and its record are made under one lock, an flock on the trace, which holds between threads and
 *   between processes. The trace is opened anew each time: no state to lose in fork, dup, close or exec.
 * - Which file. A descriptor is asked (/proc/self/fd, fstat) at each call; its inode is its name in the trace. So
 *   dup, close, and a rename or unlink of an open file need no book-keeping.
 * - What cannot be recorded is refused, with the error by which a file system says that it cannot do this: sendfile,
 *   copy_file_range, splice, shared writable mappings, O_TMPFILE, symlink, mknod, exchange, punching holes, moving or
 *   linking a file over the border of the root. The one exception is the mapping of a "-shm" file, SQLite's index of
 *   its log, which need not survive: it is let through and not recorded.
 * - Not seen: calls that never pass the C library's door (raw syscalls, io_uring, fwrite of stdio inside C code, the
 *   static binaries); run.py finds what they changed by comparing the folder with the trace. sync and syncfs pass
 *   unrecorded, so that less counts as durable than is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

_Static_assert(sizeof(long) == 8, "offsets are passed to syscall() in one register");

struct head {
    uint32_t kind, size1, size2, zero;
    uint64_t inode, at;
};

typedef char path_t[PATH_MAX + 64];

static const char *root, *trace;
static size_t root_length;

__attribute__((constructor)) static void start(void) {
    root = getenv("POWERCUT_ROOT");
    trace = getenv("POWERCUT_TRACE");
    if (!root || !trace) root = NULL;
    else root_length = strlen(root);
}

static void stop(const char *what) {
    dprintf(2, "powercut: %s: %s\n", what, strerror(errno));
    abort();
}

/* Lock and record */

static int lock(void) {
    int low = syscall(SYS_openat, AT_FDCWD, trace, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (low < 0) stop("cannot open the trace");
    int fd = fcntl(low, F_DUPFD_CLOEXEC, 500); /* out of the way: the process must get its usual descriptors */
    if (fd < 0) fd = low;
    else close(low);
    while (flock(fd, LOCK_EX))
        if (errno != EINTR) stop("cannot lock the trace");
    return fd;
}

static void unlock(int fd) {
    int kept = errno;
    flock(fd, LOCK_UN); /* in words: a child forked meanwhile holds a copy of the descriptor */
    close(fd);
    errno = kept;
}

static void put(int fd, char kind, uint64_t inode, uint64_t at, const void *one, size_t n1, const void *two,
                size_t n2) {
    struct head head = {(uint32_t)kind, (uint32_t)n1, (uint32_t)n2, 0, inode, at};
    struct iovec parts[3] = {{&head, sizeof head}, {(void *)one, n1}, {(void *)two, n2}};
    if (syscall(SYS_writev, fd, parts, 3) != (long)(sizeof head + n1 + n2)) stop("cannot write to the trace");
}

static void put_paths(int fd, char kind, uint64_t inode, const char *one, const char *two) {
    put(fd, kind, inode, 0, one, strlen(one), two, two ? strlen(two) : 0);
}

/* Which file is meant */

static const char *below(const char *path) { /* the path relative to the root, or NULL */
    if (!root || strncmp(path, root, root_length)) return NULL;
    return path[root_length] == '/' ? path + root_length + 1 : path[root_length] ? NULL : path + root_length;
}

static int path_of(int fd, char *path) {
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, PATH_MAX);
    path[n < 0 ? 0 : n] = 0;
    return n > 0;
}

static const char *below_fd(int fd, path_t path) {
    if (!root) return NULL;
    int kept = errno;
    const char *found = path_of(fd, path) ? below(path) : NULL;
    errno = kept;
    return found;
}

/* The path without symbolic links in its folders (its last name is kept as it is), relative to the root, or NULL. */
static const char *below_at(int folder, const char *name, path_t path) {
    path_t whole;
    const char *found = NULL;
    int kept = errno;
    if (!root) return NULL;
    if (name[0] == '/' || (folder == AT_FDCWD ? !!getcwd(whole, PATH_MAX) : path_of(folder, whole))) {
        size_t n = name[0] == '/' ? 0 : strlen(whole);
        if (n + strlen(name) + 2 < sizeof(path_t)) {
            sprintf(whole + n, "%s%s", n ? "/" : "", name);
            n = strlen(whole);
            while (n > 1 && whole[n - 1] == '/') whole[--n] = 0;
            char *last = strrchr(whole, '/');
            *last++ = 0;
            if (realpath(*whole ? whole : "/", path)) {
                size_t length = strlen(path);
                if (length + strlen(last) + 2 < sizeof(path_t)) {
                    sprintf(path + length, "/%s", last);
                    found = below(path);
                }
            }
        }
    }
    errno = kept;
    return found;
}

static int refuse(int error) {
    errno = error;
    return -1;
}

/* Opening */

static int do_open(int folder, const char *name, int flags, mode_t mode) {
    path_t path;
    struct stat stat;
    if (!root || !(flags & (O_CREAT | O_TRUNC) || (flags & O_TMPFILE) == O_TMPFILE))
        return syscall(SYS_openat, folder, name, flags, mode);
    if ((flags & O_TMPFILE) == O_TMPFILE) {
        size_t n = strlen(name);
        char inside[n + 3];
        sprintf(inside, "%s/x", name);
        if (below_at(folder, inside, path)) return refuse(EOPNOTSUPP);
        return syscall(SYS_openat, folder, name, flags, mode);
    }
    int out = lock(), kept = errno;
    int existed = fstatat(folder, name, &stat, 0) == 0;
    off_t size = existed ? stat.st_size : 0;
    errno = kept;
    int fd = syscall(SYS_openat, folder, name, flags, mode);
    const char *found = fd < 0 ? NULL : below_fd(fd, path);
    if (found && fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode)) {
        if (!existed) put_paths(out, 'C', stat.st_ino, found, NULL);
        else if ((flags & O_TRUNC) && size) put(out, 'T', stat.st_ino, 0, NULL, 0, NULL, 0);
    }
    unlock(out);
    return fd;
}

#define MODE(last)                                                                                                     \
    va_list list;                                                                                                      \
    va_start(list, last);                                                                                              \
    mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) ? va_arg(list, mode_t) : 0;                                        \
    va_end(list)

int open(const char *name, int flags, ...) { MODE(flags); return do_open(AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE(flags); return do_open(AT_FDCWD, name, flags, mode); }
int openat(int folder, const char *name, int flags, ...) { MODE(flags); return do_open(folder, name, flags, mode); }
int openat64(int folder, const char *name, int flags, ...) { MODE(flags); return do_open(folder, name, flags, mode); }
int __open_2(const char *name, int flags) { return do_open(AT_FDCWD, name, flags, 0); }
int __open64_2(const char *name, int flags) { return do_open(AT_FDCWD, name, flags, 0); }
int __openat_2(int folder, const char *name, int flags) { return do_open(folder, name, flags, 0); }
int __openat64_2(int folder, const char *name, int flags) { return do_open(folder, name, flags, 0); }
int creat(const char *name, mode_t mode) { return do_open(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *name, mode_t mode) { return creat(name, mode); }

/* Writing: at < 0 means at the descriptor's own place */

static ssize_t do_write(int fd, const struct iovec *parts, int count, off_t at, int flags) {
    path_t path;
    struct stat stat;
    long high = 0; /* the upper half of the offset, for 32-bit machines */
    if (!root || (fd != 1 && !below_fd(fd, path)))
        return at < 0 ? syscall(SYS_writev, fd, parts, count)
                      : syscall(SYS_pwritev2, fd, parts, count, at, high, flags);
    int out = lock();
    ssize_t n = at < 0 ? syscall(SYS_writev, fd, parts, count)
                       : syscall(SYS_pwritev2, fd, parts, count, at, high, flags);
    int kept = errno;
    if (n > 0) {
        char *joined = malloc(n), *end = joined;
        if (!joined) stop("no memory");
        for (const struct iovec *part = parts; end < joined + n; part++) {
            size_t left = joined + n - end, size = part->iov_len < left ? part->iov_len : left;
            end = (char *)memcpy(end, part->iov_base, size) + size;
        }
        if (fd == 1) put(out, 'A', 0, 0, joined, n, NULL, 0);
        else if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode)) {
            int modes = fcntl(fd, F_GETFL) | (flags & (RWF_SYNC | RWF_DSYNC) ? O_DSYNC : 0);
            if (at < 0) at = lseek(fd, 0, SEEK_CUR) - n;
            else if (modes & O_APPEND || flags & RWF_APPEND) at = stat.st_size - n;
            put(out, 'W', stat.st_ino, at, joined, n, NULL, 0);
            if (modes & O_DSYNC) put(out, 'S', stat.st_ino, 0, NULL, 0, NULL, 0);
        }
        free(joined);
    }
    errno = kept;
    unlock(out);
    return n;
}

static ssize_t write_one(int fd, const void *data, size_t size, off_t at) {
    struct iovec part = {(void *)data, size};
    return at < -1 ? refuse(EINVAL) : do_write(fd, &part, 1, at, 0);
}

#define CHECKED(at) ((at) < 0 ? -2 : (at))
typedef const struct iovec *parts_t;
ssize_t write(int fd, const void *data, size_t size) { return write_one(fd, data, size, -1); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return write_one(fd, data, size, CHECKED(at)); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { return write_one(fd, data, size, CHECKED(at)); }
ssize_t writev(int fd, parts_t parts, int count) { return do_write(fd, parts, count, -1, 0); }
ssize_t pwritev(int fd, parts_t parts, int count, off_t at) {
    return at < 0 ? refuse(EINVAL) : do_write(fd, parts, count, at, 0);
}
ssize_t pwritev64(int fd, parts_t parts, int count, off64_t at) { return pwritev(fd, parts, count, at); }
ssize_t pwritev2(int fd, parts_t parts, int count, off_t at, int flags) {
    return at < 0 ? refuse(at == -1 ? EOPNOTSUPP : EINVAL) : do_write(fd, parts, count, at, flags);
}
ssize_t pwritev64v2(int fd, parts_t parts, int count, off64_t at, int flags) {
    return pwritev2(fd, parts, count, at, flags);
}

/* Sizes and syncs: a call on one inode, and the record that it gives */

static int resized(int out, int result, int fd) {
    struct stat stat;
    if (result == 0 && fstat(fd, &stat) == 0) put(out, 'T', stat.st_ino, stat.st_size, NULL, 0, NULL, 0);
    unlock(out);
    return result;
}

int ftruncate(int fd, off_t size) {
    path_t path;
    if (!below_fd(fd, path)) return syscall(SYS_ftruncate, fd, size);
    int out = lock();
    return resized(out, syscall(SYS_ftruncate, fd, size), fd);
}
int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

int truncate(const char *name, off_t size) {
    int fd = syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    int result = ftruncate(fd, size);
    int kept = errno;
    close(fd);
    errno = kept;
    return result;
}
int truncate64(const char *name, off64_t size) { return truncate(name, size); }

int fallocate(int fd, int mode, off_t at, off_t size) {
    path_t path;
    if (!below_fd(fd, path)) return syscall(SYS_fallocate, fd, mode, at, size);
    if (mode & ~FALLOC_FL_KEEP_SIZE) return refuse(EOPNOTSUPP);
    int out = lock();
    return resized(out, syscall(SYS_fallocate, fd, mode, at, size), fd);
}
int fallocate64(int fd, int mode, off64_t at, off64_t size) { return fallocate(fd, mode, at, size); }
int posix_fallocate(int fd, off_t at, off_t size) {
    int kept = errno, error = fallocate(fd, 0, at, size) ? errno : 0;
    errno = kept;
    return error;
}
int posix_fallocate64(int fd, off64_t at, off64_t size) { return posix_fallocate(fd, at, size); }

static int do_sync(int fd, long number) {
    path_t path;
    struct stat stat;
    if (!below_fd(fd, path)) return syscall(number, fd);
    int out = lock(), result = syscall(number, fd);
    if (result == 0 && fstat(fd, &stat) == 0) put(out, 'S', stat.st_ino, 0, NULL, 0, NULL, 0);
    unlock(out);
    return result;
}
int fsync(int fd) { return do_sync(fd, SYS_fsync); }
int fdatasync(int fd) { return do_sync(fd, SYS_fdatasync); }

/* Names */

int mkdirat(int folder, const char *name, mode_t mode) {
    path_t path;
    struct stat stat;
    const char *found = below_at(folder, name, path);
    if (!found) return syscall(SYS_mkdirat, folder, name, mode);
    int out = lock(), result = syscall(SYS_mkdirat, folder, name, mode);
    if (result == 0 && fstatat(folder, name, &stat, 0) == 0) put_paths(out, 'M', stat.st_ino, found, NULL);
    unlock(out);
    return result;
}
int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }

int unlinkat(int folder, const char *name, int flags) {
    path_t path;
    const char *found = below_at(folder, name, path);
    if (!found) return syscall(SYS_unlinkat, folder, name, flags);
    int out = lock(), result = syscall(SYS_unlinkat, folder, name, flags);
    if (result == 0) put_paths(out, flags & AT_REMOVEDIR ? 'K' : 'U', 0, found, NULL);
    unlock(out);
    return result;
}
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }
int rmdir(const char *name) { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }
int remove(const char *name) {
    int result = unlink(name);
    return result && errno == EISDIR ? rmdir(name) : result;
}

static int two_names(char kind, int folder1, const char *name1, int folder2, const char *name2, unsigned flags) {
    path_t path1, path2;
    long number = kind == 'R' ? SYS_renameat2 : SYS_linkat;
    const char *one = below_at(folder1, name1, path1), *two = below_at(folder2, name2, path2);
    if (!one && !two) return syscall(number, folder1, name1, folder2, name2, flags);
    if (!one || !two) return refuse(EXDEV);
    if (flags & ~(unsigned)(kind == 'R' ? RENAME_NOREPLACE : AT_SYMLINK_FOLLOW)) return refuse(EINVAL);
    int out = lock(), result = syscall(number, folder1, name1, folder2, name2, flags);
    if (result == 0) put_paths(out, kind, 0, one, two);
    unlock(out);
    return result;
}
int renameat2(int f1, const char *one, int f2, const char *two, unsigned flags) {
    return two_names('R', f1, one, f2, two, flags);
}
int renameat(int f1, const char *one, int f2, const char *two) { return two_names('R', f1, one, f2, two, 0); }
int rename(const char *one, const char *two) { return two_names('R', AT_FDCWD, one, AT_FDCWD, two, 0); }
int linkat(int f1, const char *one, int f2, const char *two, int flags) {
    return two_names('L', f1, one, f2, two, flags);
}
int link(const char *one, const char *two) { return two_names('L', AT_FDCWD, one, AT_FDCWD, two, 0); }

/* What is refused, because its effect could not be recorded */

int symlinkat(const char *target, int folder, const char *name) {
    path_t path;
    return below_at(folder, name, path) ? refuse(EPERM) : syscall(SYS_symlinkat, target, folder, name);
}
int symlink(const char *target, const char *name) { return symlinkat(target, AT_FDCWD, name); }

int mknodat(int folder, const char *name, mode_t mode, dev_t device) {
    path_t path;
    return below_at(folder, name, path) ? refuse(EPERM) : syscall(SYS_mknodat, folder, name, mode, device);
}
int mknod(const char *name, mode_t mode, dev_t device) { return mknodat(AT_FDCWD, name, mode, device); }

ssize_t sendfile(int to, int from, off_t *at, size_t size) {
    path_t path;
    return to == 1 || below_fd(to, path) ? refuse(EINVAL) : syscall(SYS_sendfile, to, from, at, size);
}
ssize_t sendfile64(int to, int from, off64_t *at, size_t size) { return sendfile(to, from, at, size); }

ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *to_at, size_t size, unsigned flags) {
    path_t path;
    if (below_fd(to, path)) return refuse(EXDEV);
    return syscall(SYS_copy_file_range, from, at, to, to_at, size, flags);
}

ssize_t splice(int from, off64_t *at, int to, off64_t *to_at, size_t size, unsigned flags) {
    path_t path;
    return below_fd(to, path) ? refuse(EINVAL) : syscall(SYS_splice, from, at, to, to_at, size, flags);
}

void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t at) {
    path_t path;
    if (fd >= 0 && (flags & MAP_SHARED) && (protection & PROT_WRITE) && below_fd(fd, path)) {
        size_t n = strlen(path);
        if (n < 4 || strcmp(path + n - 4, "-shm")) {
            errno = ENODEV;
            return MAP_FAILED;
        }
    }
    return (void *)syscall(SYS_mmap, address, size, protection, flags, fd, at);
}
void *mmap64(void *address, size_t size, int protection, int flags, int fd, off64_t at) {
    return mmap(address, size, protection, flags, fd, at);
}
