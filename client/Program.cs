using System.Reflection;

Console.WriteLine(Assembly.GetExecutingAssembly().GetName().Version?.ToString(3));
return 0;
