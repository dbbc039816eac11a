using System.Runtime.InteropServices;
using System.Text;

namespace Elysium.Linux.Native;

/// <summary>Starts a program that owes us nothing: own session, no terminal, output in a file, no signal of ours blocked or ignored.</summary>
internal static class Spawn
{
    private const short POSIX_SPAWN_SETSIGDEF = 0x04;
    private const short POSIX_SPAWN_SETSIGMASK = 0x08;
    private const short POSIX_SPAWN_SETSID = 0x80;

    private const int O_RDONLY = 0;
    private const int O_WRONLY = 1;
    private const int O_CREAT = 0x40;
    private const int O_TRUNC = 0x200;
    private const int O_APPEND = 0x400;
    private const uint OwnerOnly = 0x180;

    // posix_spawnattr_t has 336 bytes in glibc and posix_spawn_file_actions_t 80, sigset_t 128; musl's are no larger.
    private const int Room = 512;
    private const int SignalSet = 128;

    /// <summary>Starts it in the calling thread's namespaces and gives its process id.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">What follows its name.</param>
    /// <param name="environment">All of its environment, <c>NAME=value</c>.</param>
    /// <param name="logFile">Where its output goes; emptied first, 0600.</param>
    /// <exception cref="IOException">It cannot be started; the HResult is the error number.</exception>
    public static unsafe int Detached(string program, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, string logFile)
    {
        Span<byte> actions = stackalloc byte[Room];
        Span<byte> attributes = stackalloc byte[Room];
        Span<byte> none = stackalloc byte[SignalSet];
        Span<byte> all = stackalloc byte[SignalSet];
        none.Clear();
        all.Fill(0xff);
        var doing = $"starting {program}";

        Check(Libc.posix_spawn_file_actions_init(actions), doing);
        Check(Libc.posix_spawnattr_init(attributes), doing);
        try
        {
            Check(Libc.posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0), doing);
            Check(Libc.posix_spawn_file_actions_addopen(actions, 1, logFile, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, OwnerOnly), doing);
            Check(Libc.posix_spawn_file_actions_adddup2(actions, 1, 2), doing);
            Check(Libc.posix_spawn_file_actions_addchdir_np(actions, "/"), doing);

            // .NET ignores SIGPIPE, and an ignored signal stays ignored across exec.
            Check(Libc.posix_spawnattr_setsigdefault(attributes, all), doing);
            Check(Libc.posix_spawnattr_setsigmask(attributes, none), doing);
            Check(Libc.posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK), doing);

            using var argv = new StringArray([program, .. arguments]);
            using var envp = new StringArray(environment);
            Check(Libc.posix_spawn(out var pid, program, actions, attributes, argv.Pointer, envp.Pointer), doing);
            return pid;
        }
        finally
        {
            _ = Libc.posix_spawn_file_actions_destroy(actions);
            _ = Libc.posix_spawnattr_destroy(attributes);
        }
    }

    private static void Check(int error, string doing)
    {
        if (error != 0)
        {
            throw Libc.Failed(error, doing);
        }
    }

    /// <summary>A null-terminated array of C strings.</summary>
    private sealed unsafe class StringArray : IDisposable
    {
        private readonly int _count;

        public StringArray(IReadOnlyList<string> strings)
        {
            _count = strings.Count;
            Pointer = (byte**)NativeMemory.AllocZeroed((nuint)_count + 1, (nuint)sizeof(byte*));
            for (var i = 0; i < _count; i++)
            {
                var length = Encoding.UTF8.GetByteCount(strings[i]);
                Pointer[i] = (byte*)NativeMemory.AllocZeroed((nuint)length + 1);
                Encoding.UTF8.GetBytes(strings[i], new Span<byte>(Pointer[i], length));
            }
        }

        public byte** Pointer { get; }

        public void Dispose()
        {
            for (var i = 0; i < _count; i++)
            {
                NativeMemory.Free(Pointer[i]);
            }

            NativeMemory.Free(Pointer);
        }
    }
}
