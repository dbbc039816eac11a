using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Elysium.Linux.Tests;

/// <summary>
/// A thread that was started before any test was inside a namespace, and is in those of the program itself. A thread inherits the namespaces
/// of the one that starts it, and the pool starts threads from wherever it is given work: so a test may find itself where it never went.
/// </summary>
internal static class Home
{
    private static readonly BlockingCollection<Action> Work = [];

    static Home() => new Thread(() =>
    {
        foreach (var action in Work.GetConsumingEnumerable())
        {
            action();
        }
    })
    { IsBackground = true, Name = "home" }.Start();

    public static T Run<T>(Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        using var done = new ManualResetEventSlim();
        Work.Add(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
            finally
            {
                done.Set();
            }
        });
        done.Wait();
        failure?.Throw();
        return result!;
    }
}
