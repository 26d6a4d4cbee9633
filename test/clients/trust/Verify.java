import java.net.Socket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Connects with Java's default trust store and checks the host name as HTTPS does; prints what the server says. */
public class Verify {
    public static void main(String[] arguments) throws Exception {
        SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
        Socket raw = new Socket("127.0.0.1", Integer.parseInt(arguments[1]));
        try (SSLSocket secure = (SSLSocket) factory.createSocket(raw, arguments[0], 443, true)) {
            var parameters = secure.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secure.setSSLParameters(parameters);
            secure.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes());
            System.out.print(new String(secure.getInputStream().readAllBytes()));
        }
    }
}
